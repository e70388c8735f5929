/** Programs of the repository: found on PATH, where `npm run` puts those of node_modules first. */

export class ToolError extends Error {}

/**
 * Runs it to its end and gives what it wrote. Secrets are in `environment`, never in `args`: arguments are seen by every
 * process of the machine.
 * @throws {ToolError} with what it wrote
 */
export async function runTool(
  name: string,
  args: readonly string[],
  cwd: string,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<string> {
  const env: Record<string, string> = { NO_COLOR: '1', DO_NOT_TRACK: '1', SUPABASE_TELEMETRY_DISABLED: '1' };
  for (const [variable, value] of Object.entries(environment)) if (value !== undefined) env[variable] = value;
  const told = `${name} ${args.join(' ')}`;
  const output = await new Deno.Command(name, {
    args: [...args],
    cwd,
    env,
    clearEnv: true,
    stdin: 'null',
    stdout: 'piped',
    stderr: 'piped',
  }).output().catch(() => {
    throw new ToolError(`${told}: not found. Run npm ci, and this by npm run`);
  });
  const text = [output.stdout, output.stderr].map((bytes) => new TextDecoder().decode(bytes)).join('');
  if (!output.success) throw new ToolError(`${told}: ended with ${output.code}\n${text.trim().slice(-2000)}`);
  return text;
}

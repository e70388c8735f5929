/** What the stack tells the person in front of it. */

const encoder = new TextEncoder();

export function print(line: string): void {
  Deno.stdout.writeSync(encoder.encode(line + '\n'));
}

export function warn(line: string): void {
  Deno.stderr.writeSync(encoder.encode(line + '\n'));
}

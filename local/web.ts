/** The web client's development server, when the repository has a web client. */
import { join } from 'node:path';
import { tailOf } from './child_output.ts';

export interface WebServer {
  readonly url: string;
  stop(): Promise<void>;
}

export async function startWeb(port: number, env: Record<string, string>): Promise<WebServer> {
  const root = join(import.meta.dirname!, '..', 'web');
  // Vite gives the client the VITE_ variables of the process it runs in: so it gets a process of its own
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      'run',
      '-A',
      '--quiet',
      'npm:vite',
      root,
      '--port',
      String(port),
      '--strictPort',
      '--host',
      '127.0.0.1',
      '--clearScreen',
      'false',
    ],
    cwd: join(root, '..'),
    env: { ...env, NO_COLOR: '1' },
    stdin: 'piped',
    stdout: 'piped',
    stderr: 'piped',
    detached: true,
  }).spawn();
  const log = tailOf(child);
  let ended = false;
  const finished = Promise.all([log.finished, child.status]).then(() => ended = true);
  const url = `http://127.0.0.1:${port}`;
  const stop = async () => {
    if (!ended) child.kill('SIGTERM');
    await finished;
  };
  for (;;) {
    if (ended) throw new Error(`Cannot start the web client: ${log.text()}`);
    const answered = await fetch(url, { signal: AbortSignal.timeout(2_000) }).then(
      (response) => response.body?.cancel(),
      () => false,
    );
    if (answered !== false) return { url, stop };
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** The web client as it is deployed: built, and served as plain files on one port. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';

const ROOT = join(import.meta.dirname!, '..', '..');
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
};

export interface ServedClient {
  readonly url: string;
  /** The folder of the built files. */
  readonly dist: string;
  stop(): Promise<void>;
}

/** @param port 0 takes any free one */
export async function serveClient(env: Record<string, string>, port = 0): Promise<ServedClient> {
  const dist = await mkdtemp(join(tmpdir(), 'cassius-web-'));
  const remove = () => rm(dist, { recursive: true, force: true });
  const build = new Deno.Command(Deno.execPath(), {
    args: ['run', '-A', '--quiet', 'npm:vite', 'build', 'web', '--outDir', dist, '--emptyOutDir', '--logLevel', 'warn'],
    cwd: ROOT,
    // The test runner's own would make it a build for developers.
    env: { ...env, NODE_ENV: 'production' },
  });
  const { success, stderr } = await build.output();
  if (!success) {
    await remove();
    throw new Error(`Build the page: ${new TextDecoder().decode(stderr)}`);
  }
  const server = Deno.serve({ hostname: '127.0.0.1', port, onListen() {} }, async (request) => {
    const { pathname } = new URL(request.url);
    // Every path that is no file is one of the client's own.
    const file = extname(pathname) === '' ? '/index.html' : pathname;
    try {
      const headers = { 'content-type': TYPES[extname(file)] ?? 'application/octet-stream' };
      return new Response(await Deno.readFile(join(dist, file)), { headers });
    } catch {
      return new Response(null, { status: 404 });
    }
  });
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    dist,
    async stop() {
      await server.shutdown();
      await remove();
    },
  };
}

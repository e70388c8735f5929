/** The web client as it is deployed: built, and served as plain files on one port, with the headers that the build gives a host. */
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
  /** What is sent with every file: the build's own `_headers`. */
  readonly headers: Headers;
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
  const sent = headersOf(await Deno.readTextFile(join(dist, '_headers')));
  const server = Deno.serve({ hostname: '127.0.0.1', port, onListen() {} }, async (request) => {
    const { pathname } = new URL(request.url);
    // Every path that is no file is one of the client's own.
    const file = extname(pathname) === '' ? '/index.html' : pathname;
    try {
      const headers = new Headers(sent);
      headers.set('content-type', TYPES[extname(file)] ?? 'application/octet-stream');
      return new Response(await Deno.readFile(join(dist, file)), { headers });
    } catch {
      return new Response(null, { status: 404 });
    }
  });
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    dist,
    headers: sent,
    async stop() {
      await server.shutdown();
      await remove();
    },
  };
}

/** The headers that Netlify or Cloudflare Pages would send with every path. */
function headersOf(file: string): Headers {
  const [path, ...lines] = file.trimEnd().split('\n');
  if (path !== '/*') throw new Error('Read _headers: the first rule is not for every path');
  return new Headers(lines.map((line): [string, string] => {
    const at = line.indexOf(': ');
    return [line.slice(0, at).trim(), line.slice(at + 2)];
  }));
}

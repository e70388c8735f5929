/** The emulator behind a socket on this machine. */
import { GoogleEmulator } from './emulator.ts';
import { ConnectionDropped } from './misbehave.ts';

export interface GoogleServerOptions {
  /** 0 for any free one. */
  readonly port: number;
  readonly host?: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly redirectUris: string[];
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
}

/** Starts the emulator; `url` is its origin, without a slash at the end. */
export function startGoogleEmulator(
  options: GoogleServerOptions,
): Promise<{ url: string; core: GoogleEmulator; stop(): Promise<void> }> {
  const { port, host = '127.0.0.1', ...rest } = options;
  let core: GoogleEmulator | null = null;
  const server = Deno.serve({ port, hostname: host, onListen: () => {} }, async (request) => {
    if (!core) return new Response(null, { status: 503 });
    try {
      return await core.fetch(request);
    } catch (error) {
      if (error instanceof ConnectionDropped) return cutConnection();
      throw error;
    }
  });
  const url = `http://${host}:${server.addr.port}`;
  const started = core = new GoogleEmulator({ ...rest, publicUrl: url });
  return Promise.resolve({
    url,
    core: started,
    async stop() {
      started.stop();
      await server.shutdown();
    },
  });
}

/**
 * An answer whose body breaks off at once. Deno's server always sends a head: a 502 leaves no client in doubt that this
 * is no answer, whether it reads the body (and meets a connection error) or not.
 */
function cutConnection(): Response {
  const body = new ReadableStream({ start: (controller) => controller.error(new ConnectionDropped()) });
  return new Response(body, { status: 502 });
}

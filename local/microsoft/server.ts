/** The emulator behind a socket on this machine. */
import { cutConnection } from '../emulator/cut_connection.ts';
import { ConnectionDropped } from '../emulator/misbehave.ts';
import { MicrosoftEmulator } from './emulator.ts';

export interface MicrosoftServerOptions {
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
export function startMicrosoftEmulator(
  options: MicrosoftServerOptions,
): Promise<{ url: string; core: MicrosoftEmulator; stop(): Promise<void> }> {
  const { port, host = '127.0.0.1', ...rest } = options;
  let core: MicrosoftEmulator | null = null;
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
  const started = core = new MicrosoftEmulator({ ...rest, publicUrl: url });
  return Promise.resolve({
    url,
    core: started,
    async stop() {
      started.stop();
      await server.shutdown();
    },
  });
}

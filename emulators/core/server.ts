/** An emulator behind a socket on this machine. */
import { cutConnection } from './cut_connection.ts';
import { ConnectionDropped } from './misbehave.ts';

export interface ServerOptions {
  /** 0 for any free one. */
  readonly port: number;
  readonly host?: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly redirectUris: string[];
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
}

interface Emulator {
  fetch(request: Request): Promise<Response>;
  stop(): void;
}

export interface ServedEmulator<Core extends Emulator> {
  /** Its origin, without a slash at the end. */
  readonly url: string;
  readonly core: Core;
  stop(): Promise<void>;
}

/** @param make builds the emulator that knows itself by this address */
export function serveEmulator<Core extends Emulator>(
  { port, host = '127.0.0.1' }: Pick<ServerOptions, 'port' | 'host'>,
  make: (publicUrl: string) => Core,
): ServedEmulator<Core> {
  let core: Core | null = null;
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
  const started = core = make(url);
  return {
    url,
    core: started,
    async stop() {
      started.stop();
      await server.shutdown();
    },
  };
}

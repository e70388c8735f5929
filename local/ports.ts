/** Which port each part of the stack listens on, and how tests find free ports. */

export interface StackPorts {
  readonly gateway: number;
  readonly postgres: number;
  readonly google: number;
  readonly microsoft: number;
  readonly web: number;
}

/** The addresses people know from Supabase's own local stack. */
export const DEFAULT_PORTS: StackPorts = {
  gateway: 54321,
  postgres: 54322,
  google: 54331,
  microsoft: 54332,
  web: 5173,
};

/** `--port-base N`: the gateway on N, the others on the ports after it. */
export function portsFrom(base: number): StackPorts {
  return { gateway: base, postgres: base + 1, google: base + 2, microsoft: base + 3, web: base + 4 };
}

const FIRST = 20_000;
const LAST = 31_990; // below the range from which Linux takes ephemeral ports
const BLOCK = 10;

/**
 * A base whose whole block of ports is free on the loopback, kept for this process until it ends: the last port of the block
 * is listened on, and every process that looks for a block takes that port first. Otherwise two suites on one machine could choose the
 * same block in the seconds that a Postgres takes to start.
 */
export function freePortBase(): number {
  for (let attempt = 0; attempt < 200; attempt++) {
    const base = FIRST + BLOCK * Math.floor(Math.random() * ((LAST - FIRST) / BLOCK));
    const claim = listen(base + BLOCK - 1);
    if (claim === null) continue;
    if (Object.values(portsFrom(base)).every(isFree)) {
      claim.unref();
      return base;
    }
    claim.close();
  }
  throw new Error(`Cannot find free ports: every block tried between ${FIRST} and ${LAST} is in use`);
}

/** True when a server could listen on that loopback port. */
export function isFree(port: number): boolean {
  const listener = listen(port);
  listener?.close();
  return listener !== null;
}

/** Null where the port is taken. */
function listen(port: number): Deno.TcpListener | null {
  try {
    return Deno.listen({ hostname: '127.0.0.1', port });
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse) return null;
    throw error;
  }
}

/** Throws a message that a person can act on when a port is taken. */
export function requireFree(part: string, port: number): void {
  if (!isFree(port)) {
    throw new Error(
      `Cannot start ${part}: port ${port} is in use (stop what uses it, or choose others with --port-base N)`,
    );
  }
}

/** Which port each part of the stack listens on, and how tests find ports that nobody uses. */

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

/** A base whose whole block of ports is free on the loopback right now. Random, so that parallel test files rarely meet. */
export function freePortBase(): number {
  for (let attempt = 0; attempt < 200; attempt++) {
    const base = FIRST + BLOCK * Math.floor(Math.random() * ((LAST - FIRST) / BLOCK));
    if (Object.values(portsFrom(base)).every(isFree)) return base;
  }
  throw new Error(`Cannot find free ports: every block tried between ${FIRST} and ${LAST} is in use`);
}

/** True when a server could listen on that loopback port. */
export function isFree(port: number): boolean {
  try {
    Deno.listen({ hostname: '127.0.0.1', port }).close();
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse) return false;
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

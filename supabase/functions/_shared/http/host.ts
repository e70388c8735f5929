/** The real world of an Edge Function: the runtime's fetch, clock and log, and the database over HTTP. */
import { supabaseRpc } from '../db/rpc.ts';
import type { World } from './edge_function.ts';
import type { Environment } from './environment.ts';

interface EdgeRuntime {
  waitUntil(work: Promise<unknown>): void;
}

/** Supabase's runtime has this global; plain Deno runs background work to its end without being asked. */
function edgeRuntime(): EdgeRuntime | undefined {
  return (globalThis as { EdgeRuntime?: EdgeRuntime }).EdgeRuntime;
}

export function hostWorld(environment: Environment): World {
  return {
    environment,
    fetch: (input, init) => fetch(input, init),
    now: () => Date.now(),
    // The platform collects standard output line by line.
    // deno-lint-ignore no-console
    write: (line) => console.log(line),
    waitUntil: (work) => edgeRuntime()?.waitUntil(work),
    onUnload: (handler) => globalThis.addEventListener('beforeunload', () => void handler()),
    database: supabaseRpc,
  };
}

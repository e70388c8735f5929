/**
 * Runs one Edge Function, unmodified, inside the Deno of the edge runtime's generation: gives it a port, and what the runtime adds to Deno.
 * Started as a program: `function_host.ts <URL of index.ts>`. Says where it listens on a line of its own, and leaves when its parent does.
 */

const [entry] = Deno.args;
if (entry === undefined) throw new Error('Cannot start the function: no entry given');

const serve = Deno.serve;
let served = false;

function serveOnLoopback(...args: unknown[]): unknown {
  served = true;
  const handler = args.find((arg) => typeof arg === 'function') ??
    (args.find((arg) => typeof (arg as { handler?: unknown })?.handler === 'function') as
      | { handler: unknown }
      | undefined)?.handler;
  const given = args.find((arg) => typeof arg === 'object' && arg !== null) as Deno.ServeOptions | undefined;
  return serve({
    ...(given?.onError ? { onError: given.onError } : {}),
    hostname: '127.0.0.1',
    port: 0,
    onListen: ({ port }) => Deno.stdout.writeSync(new TextEncoder().encode(`function_host listens on port ${port}\n`)),
  }, handler as Deno.ServeHandler);
}
Object.defineProperty(Deno, 'serve', { value: serveOnLoopback, configurable: true, writable: true });

const background = new Set<Promise<unknown>>();
Object.defineProperty(globalThis, 'EdgeRuntime', {
  value: {
    /** Work that goes on after the answer: kept, and its failure logged rather than fatal, as the runtime does. */
    waitUntil<T>(promise: Promise<T>): Promise<T> {
      const kept = promise.catch((error: unknown) => reportFailure(error)).finally(() => background.delete(kept));
      background.add(kept);
      return promise;
    },
  },
});

function reportFailure(error: unknown): void {
  const text = error instanceof Error ? error.stack ?? error.message : String(error);
  Deno.stderr.writeSync(new TextEncoder().encode(`background work failed: ${text}\n`));
}

// the edge runtime fires this at nine tenths of its hard limits: a test that plays the limit sends the signal (scripts/chaos.ts)
if (Deno.build.os !== 'windows') {
  Deno.addSignalListener('SIGUSR2', () => {
    dispatchEvent(new CustomEvent('beforeunload', { detail: { reason: 'cpu' } }));
  });
}

// the parent holds the other end of standard input: when it is gone, however it went, so are we
(async () => {
  for await (const _ of Deno.stdin.readable);
  Deno.exit(0);
})();

const module = await import(entry) as { default?: { fetch?: (request: Request) => Response | Promise<Response> } };
if (!served && typeof module.default?.fetch === 'function') {
  serveOnLoopback((request: Request) => module.default!.fetch!(request));
}

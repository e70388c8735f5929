/** (b) How long after its commit an appointment is an event, on a system with nothing else to do. */
import postgres from 'postgres';
import { atMost, type Bench, type BenchContext, type Claim, type Figure, quantile, until } from './measure.ts';
import { book, liftQuotas, openPractices, startOver, waiting } from './practices.ts';

const LATENCY_MS = 50;
const WARM_UP = 3;

/**
 * What comes before a sample. pg_net sends at once when it rests; after a batch it sleeps for a second, and only what comes
 * first in that second is spared the wait.
 */
const SITUATIONS = [
  { name: 'after quiet', idleMs: 2500, most: 60, p50: 100, p95: 300 },
  { name: 'one after another', idleMs: 50, most: 100, p50: 1100, p95: 1300 },
] as const;

export const commitToConfirmed: Bench = {
  name: 'commit_to_confirmed',
  title: `Commit to confirmed event, ${LATENCY_MS} ms emulated round trip`,
  perProvider: true,
  async run(context) {
    const { stack, stage, sql } = context;
    await startOver(context);
    await liftQuotas(context);
    const [practice] = await openPractices(context, 1);
    await stage.slowDown(stack, LATENCY_MS);
    const watching = postgres(stack.adminDbUrl, { max: 1, onnotice: () => {} });
    const report: { figures: Figure[]; claims: Claim[] } = { figures: [], claims: [] };
    try {
      for (const situation of SITUATIONS) {
        const times = context.quick ? Math.min(20, situation.most) : situation.most;
        context.say(`  ${times} appointments, ${situation.name}`);
        const own: number[] = [];
        const provider: number[] = [];
        for (let index = -WARM_UP; index < times; index++) {
          await new Promise((resolve) => setTimeout(resolve, situation.idleMs));
          const before = await providerMs(context);
          const [id] = await book(sql, practice!, 1);
          const committed = performance.now();
          await until(
            'the event',
            async () =>
              (await watching`
            select from public.appointment_external_links where rdv_id = ${id!} and sync_status = 'synced'`).length > 0,
            {
              everyMs: 2,
            },
          );
          const took = performance.now() - committed;
          await until('the worker to be idle', async () => await waiting(sql) === 0);
          const theirs = await providerMs(context) - before;
          if (index < 0) continue;
          provider.push(theirs);
          own.push(took - theirs);
        }
        const { name, p50, p95 } = situation;
        report.figures.push(
          { what: `${name}: the provider, p50`, value: quantile(provider, 0.5), unit: 'ms' },
          { what: `${name}: our own, p50`, value: quantile(own, 0.5), unit: 'ms' },
          { what: `${name}: our own, p95`, value: quantile(own, 0.95), unit: 'ms' },
        );
        report.claims.push(
          atMost(`ms above the provider’s own time, ${name}, p50`, quantile(own, 0.5), p50),
          atMost(`ms above the provider’s own time, ${name}, p95`, quantile(own, 0.95), p95),
        );
      }
    } finally {
      await watching.end();
    }
    return report;
  },
};

/** Real milliseconds that the emulator has worked and waited so far. */
async function providerMs({ stack, stage }: BenchContext): Promise<number> {
  const { timing } = await stage.steer(stack, 'state?only=timing');
  return timing.processingMs + timing.waitedMs;
}

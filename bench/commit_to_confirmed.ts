/** (b) How long after its commit an appointment is an event, on an idle system. */
import postgres from 'postgres';
import { atMost, type Bench, type BenchContext, quantile, until } from './measure.ts';
import { book, liftQuotas, openPractices, startOver, waiting } from './practices.ts';

const LATENCY_MS = 50;
const WARM_UP = 10;
/** Between two samples, so that the worker of the one before has gone. */
const IDLE_MS = 100;

export const commitToConfirmed: Bench = {
  name: 'commit_to_confirmed',
  title: `Commit to confirmed event, idle, ${LATENCY_MS} ms emulated round trip`,
  perProvider: true,
  async run(context) {
    const times = context.quick ? 20 : 200;
    const { stack, stage, sql } = context;
    await startOver(context);
    await liftQuotas(context);
    const [practice] = await openPractices(context, 1);
    await stage.slowDown(stack, LATENCY_MS);
    const watching = postgres(stack.adminDbUrl, { max: 1, onnotice: () => {} });
    const total: number[] = [];
    const provider: number[] = [];
    const own: number[] = [];
    try {
      context.say(`  ${times} appointments, one at a time`);
      for (let index = -WARM_UP; index < times; index++) {
        const before = await providerMs(context);
        const [id] = await book(sql, practice!, 1);
        const committed = performance.now();
        await until('the event', async () =>
          (await watching`
          select from public.appointment_external_links where rdv_id = ${id!} and sync_status = 'synced'`).length > 0, {
          everyMs: 2,
        });
        const took = performance.now() - committed;
        await until('the worker to be idle', async () => await waiting(sql) === 0);
        const theirs = await providerMs(context) - before;
        if (index >= 0) {
          total.push(took);
          provider.push(theirs);
          own.push(took - theirs);
        }
        await new Promise((resolve) => setTimeout(resolve, IDLE_MS));
      }
    } finally {
      await watching.end();
    }
    return {
      figures: ([['in all', total], ['the provider', provider], ['our own', own]] as const).flatMap((
        [what, values],
      ) => [
        { what: `${what}, p50`, value: quantile(values, 0.5), unit: 'ms' },
        { what: `${what}, p95`, value: quantile(values, 0.95), unit: 'ms' },
      ]),
      claims: [
        atMost('ms above the provider’s own time, p50', quantile(own, 0.5), 100),
        atMost('ms above the provider’s own time, p95', quantile(own, 0.95), 300),
      ],
    };
  },
};

/** Real milliseconds that the emulator has worked and waited so far. */
async function providerMs({ stack, stage }: BenchContext): Promise<number> {
  const { timing } = await stage.steer(stack, 'state?only=timing');
  return timing.processingMs + timing.waitedMs;
}

/** A backlog with the quotas on. By default both clocks run ahead together; in real time with `--full`. */
import { google } from '../tests/functions/person.ts';
import { atMost, type BenchContext, type BenchReport } from './measure.ts';
import { book, openPractices, startOver, waiting } from './practices.ts';

const PRACTICES = 2;
const ROWS = 2_000;
const STEP_MS = 100;
/** Three times as fast as life: the worker's own pauses, which are real, must stay shorter than a refill of its budget. */
const AHEAD_MS = 200;

/** Two practices share one account: its budget is one. */
export async function underQuotas(context: BenchContext): Promise<BenchReport> {
  const { stack, sql } = context;
  const lastsMs = context.quick ? 75_000 : 150_000;
  const aheadMs = context.full ? 0 : AHEAD_MS;
  await startOver(context);
  const practices = await openPractices(context, PRACTICES, 1);
  await stack.stopFunctions();
  for (const practice of practices) await book(sql, practice, ROWS / PRACTICES);
  await stack.startFunctions();
  context.say(`  ${lastsMs / 1000} s under the quotas${aheadMs > 0 ? ', in a third of the time' : ''}`);
  await sql`select private.sweep()`;
  const started = performance.now();
  let ahead = 0;
  let sweptAt = 0;
  const passed = () => performance.now() - started + ahead;
  while (passed() < lastsMs && await waiting(sql) > 0) {
    await new Promise((resolve) => setTimeout(resolve, STEP_MS));
    if (aheadMs > 0) {
      // The provider's clock goes first: ours must never believe in a minute that is not over there.
      await google(stack, 'clock', { advanceMs: aheadMs });
      ahead += aheadMs;
      await sql`insert into private.app_config (key, value) values ('clock_offset', ${`${ahead} milliseconds`})
        on conflict (key) do update set value = excluded.value`;
    }
    if (passed() - sweptAt < 60_000) continue;
    sweptAt = passed();
    await sql`select private.sweep()`;
  }
  const minutes = passed() / 60_000;
  const { accounts } = await google(stack, 'state?only=accounts');
  const meters: Array<{ peakAsked: number; total: number; refused: number }> = accounts.map(
    (account: { units: unknown }) => account.units,
  );
  const sum = (pick: (meter: typeof meters[number]) => number) =>
    meters.reduce((total, meter) => total + pick(meter), 0);
  // A worker that stands still keeps every quota.
  if (sum((meter) => meter.total) < 200 * minutes) throw new Error('Work under the quotas: hardly anything was done');
  return {
    figures: [
      { what: 'quotas on: minutes', value: minutes, unit: 'min' },
      { what: 'quotas on: units a minute, mean', value: sum((meter) => meter.total) / minutes, unit: '' },
      { what: 'quotas on: calls refused', value: sum((meter) => meter.refused), unit: '' },
    ],
    claims: [
      atMost(
        'quotas on: most units of an account asked for in any minute',
        Math.max(...meters.map((m) => m.peakAsked)),
        600,
      ),
    ],
  };
}

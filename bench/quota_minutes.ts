/** A backlog with the quotas on. By default both clocks run ahead together; in real time with `--full`. */
import { BusiestMinute } from './busiest_minute.ts';
import { atMost, atMostFor, type BenchContext, type BenchReport, sum } from './measure.ts';
import { book, exportOnly, openPractices, startOver, waiting } from './practices.ts';

const PRACTICES = 2;
/** More than can be worked off: the budget is to be used up all the time. */
const MINUTES_OF_ROWS = 3;
const STEP_MS = 100;
/** Three times as fast as life: the worker's own pauses, which are real, must stay shorter than a refill of its budget. */
const AHEAD_MS = 200;
/** Of the provider's clock, between two looks at what was spent. */
const LOOK_EVERY_MS = 1_000;

/** Two practices share one account: its budget is one. */
export async function underQuotas(context: BenchContext): Promise<BenchReport> {
  const { stack, stage, sql } = context;
  const { units, perMinute } = stage.quota;
  const lastsMs = context.quick ? 75_000 : 150_000;
  const aheadMs = context.full ? 0 : AHEAD_MS;
  await startOver(context);
  const practices = await openPractices(context, PRACTICES, 1);
  await stack.stopFunctions();
  await exportOnly(sql);
  for (const practice of practices) await book(sql, practice, MINUTES_OF_ROWS * perMinute / PRACTICES);
  await stack.startFunctions();
  const before = await stage.readCounters(stack);
  context.say(`  ${lastsMs / 1000} s under the quotas${aheadMs > 0 ? ', in a third of the time' : ''}`);
  await sql`select private.sweep()`;
  const started = performance.now();
  let ahead = 0;
  let sweptAt = 0;
  let lookedAt = 0;
  const busiest = new BusiestMinute();
  const passed = () => performance.now() - started + ahead;
  while (passed() < lastsMs && await waiting(sql) > 0) {
    await new Promise((resolve) => setTimeout(resolve, STEP_MS));
    if (aheadMs > 0) {
      // The provider's clock goes first: ours must never believe in a minute that is not over there.
      await stage.steer(stack, 'clock', { advanceMs: aheadMs });
      ahead += aheadMs;
      await sql`insert into private.app_config (key, value) values ('clock_offset', ${`${ahead} milliseconds`})
        on conflict (key) do update set value = excluded.value`;
    }
    if (passed() - lookedAt >= LOOK_EVERY_MS) {
      lookedAt = passed();
      busiest.note(lookedAt, await stage.readSpending(stack));
    }
    if (passed() - sweptAt < 60_000) continue;
    sweptAt = passed();
    await sql`select private.sweep()`;
  }
  const minutes = passed() / 60_000;
  const accounts = await stage.readSpending(stack);
  busiest.note(passed(), accounts);
  const after = await stage.readCounters(stack);
  const roundTrips = (after.roundTrips - before.roundTrips) / (after.events - before.events) * 1000;
  const total = sum(accounts.map((account) => account.units));
  // An idle worker keeps every quota.
  if (total < perMinute / 3 * minutes) throw new Error('Work under the quotas: hardly anything was done');
  return {
    figures: [
      { what: 'quotas on: minutes', value: minutes, unit: 'min' },
      { what: `quotas on: ${units} a minute, mean`, value: total / minutes, unit: '' },
      { what: 'quotas on: calls refused', value: sum(accounts.map(({ refused }) => refused)), unit: '' },
    ],
    claims: [
      atMostFor('quotas on: HTTP round trips for 1,000 events', roundTrips, stage.targets.underQuotas),
      atMost(`quotas on: most ${units} of an account asked for in any minute`, busiest.units(), perMinute),
    ],
  };
}

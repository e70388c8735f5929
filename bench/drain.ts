/**
 * (c) A backlog: our worker against a loop of one HTTP request for each event, of one account against a loop of batches,
 * and the same under the quotas.
 */
import { againstBareLoop } from './bare_loop.ts';
import { atLeastFor, atMost, type Bench, type BenchContext, type Claim, type Figure, until } from './measure.ts';
import { book, liftQuotas, openPractices, type Practice, startOver, waiting } from './practices.ts';
import { appointment } from './plain_events.ts';
import type { Counters } from './provider_stage.ts';
import { underQuotas } from './quota_minutes.ts';

const LATENCY_MS = 50;
const PRACTICES = 10;

export const drain: Bench = {
  name: 'drain',
  title: `Draining a backlog, ${PRACTICES} integrations on 2 accounts, ${LATENCY_MS} ms emulated round trip`,
  perProvider: true,
  async run(context) {
    // A calendar that is read is then watched, and each of ten thousand writes would be told at once.
    await context.sql`update cron.job set active = false where jobname = 'cassius-import-sweep'`;
    try {
      return await measured(context);
    } finally {
      await context.sql`update cron.job set active = true where jobname = 'cassius-import-sweep'`;
    }
  },
};

async function measured(context: BenchContext): Promise<{ figures: Figure[]; claims: Claim[] }> {
  const { quota: { units }, targets } = context.stage;
  const rows = context.quick ? 1_000 : 10_000;
  const ours = await drainBacklog(context, rows);
  const loop = await insertOneByOne(context, ours.practices, ours.atOnce, context.quick ? 300 : 2_000);
  const bare = await againstBareLoop(context, LATENCY_MS);
  const quota = await underQuotas(context);
  const perSecond = (count: number, ms: number) => count / ms * 1000;
  const faster = perSecond(rows, ours.ms) / perSecond(loop.count, loop.ms);
  const figures: Figure[] = [
    { what: `worker: ${rows} rows`, value: ours.ms / 1000, unit: 's' },
    { what: 'worker: events a second', value: perSecond(rows, ours.ms), unit: '' },
    { what: 'worker: HTTP round trips', value: ours.roundTrips, unit: '' },
    { what: `worker: ${units} of the quota an event`, value: ours.units / rows, unit: '' },
    {
      what: `loop: events a second (${loop.count} events, ${ours.atOnce} at once)`,
      value: perSecond(loop.count, loop.ms),
      unit: '',
    },
    { what: 'loop: HTTP round trips an event', value: loop.roundTrips / loop.count, unit: '' },
    { what: `loop: ${units} of the quota an event`, value: loop.units / loop.count, unit: '' },
    ...bare.figures,
    ...quota.figures,
  ];
  const claims: Claim[] = [
    atLeastFor(
      'HTTP round trips, loop / worker',
      loop.roundTrips / loop.count / (ours.roundTrips / rows),
      targets.roundTrips,
    ),
    atLeastFor('throughput, worker / loop', faster, targets.throughput),
    atMost('inserts an event', ours.inserts / rows, 1.02),
    atMost('events missing or too many', Math.abs(ours.events - rows), 0),
    ...bare.claims,
    ...quota.claims,
  ];
  return { figures, claims };
}

interface Drained extends Counters {
  readonly practices: readonly Practice[];
  readonly ms: number;
  readonly atOnce: number;
}

async function drainBacklog(context: BenchContext, rows: number): Promise<Drained> {
  const { stack, stage, sql } = context;
  await startOver(context);
  await liftQuotas(context);
  const practices = await openPractices(context, PRACTICES);
  await stack.stopFunctions();
  for (const practice of practices) await book(sql, practice, rows / PRACTICES);
  await until(
    'the nudges to be over',
    async () => (await sql`select from net.http_request_queue limit 1`).length === 0,
  );
  await stack.startFunctions();
  await stage.slowDown(stack, LATENCY_MS);
  if (await waiting(sql) !== rows) {
    throw new Error(`Fill the outbox: ${await waiting(sql)} rows wait instead of ${rows}`);
  }
  const before = await stage.readCounters(stack);
  context.say(`  draining ${rows} rows`);
  const started = performance.now();
  await sql`select private.sweep()`;
  await until('the backlog to be gone', async () => await waiting(sql) === 0, { everyMs: 50, limitMs: 600_000 });
  const ms = performance.now() - started;
  const after = await stage.readCounters(stack);
  const atOnce = await stage.atOnce(stack);
  return { practices, ms, atOnce, ...difference(before, after) };
}

function difference(before: Counters, after: Counters): Counters {
  return {
    roundTrips: after.roundTrips - before.roundTrips,
    units: after.units - before.units,
    inserts: after.inserts - before.inserts,
    events: after.events - before.events,
  };
}

/** The provider's own pattern: a request for each event, and nothing is stored between them. */
async function insertOneByOne(context: BenchContext, practices: readonly Practice[], parallel: number, count: number) {
  const { stack, stage, sql } = context;
  const tokens = await Promise.all(practices.map(async ({ integrationId }) => {
    const [row] = await sql`select public.integration_credential(${integrationId}) ->> 'accessToken' as token`;
    return row!.token as string;
  }));
  const before = await stage.readCounters(stack);
  context.say(`  inserting ${count} events one by one, ${parallel} at once`);
  let next = 0;
  const lane = async () => {
    for (let index = next++; index < count; index = next++) {
      const { account: { calendarId } } = practices[index % practices.length]!;
      const answer = await stage.insertAsApp(stack, tokens[index % tokens.length]!, calendarId, appointment(index));
      if (!answer.ok) throw new Error(`Insert an event: ${answer.status} ${await answer.text()}`);
      await answer.json();
    }
  };
  const started = performance.now();
  await Promise.all(Array.from({ length: parallel }, lane));
  const ms = performance.now() - started;
  return { count, ms, ...difference(before, await stage.readCounters(stack)) };
}

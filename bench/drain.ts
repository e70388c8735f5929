/** (c) A backlog: our worker against a loop of one HTTP request for each event; and the same under the quotas. */
import { google } from '../tests/functions/person.ts';
import { atLeast, atMost, type Bench, type BenchContext, type Claim, type Figure, until } from './measure.ts';
import { book, liftQuotas, openPractices, type Practice, startOver, waiting } from './practices.ts';
import { underQuotas } from './quota_minutes.ts';

const LATENCY_MS = 50;
const PRACTICES = 10;

export const drain: Bench = {
  name: 'drain',
  title: `Draining a backlog, ${PRACTICES} integrations on 2 accounts, ${LATENCY_MS} ms emulated round trip`,
  async run(context) {
    const rows = context.quick ? 1_000 : 10_000;
    const ours = await drainBacklog(context, rows);
    const loop = await insertOneByOne(context, ours.practices, ours.peakParallel, context.quick ? 300 : 2_000);
    const quota = await underQuotas(context);
    const perSecond = (count: number, ms: number) => count / ms * 1000;
    const faster = perSecond(rows, ours.ms) / perSecond(loop.count, loop.ms);
    const figures: Figure[] = [
      { what: `worker: ${rows} rows`, value: ours.ms / 1000, unit: 's' },
      { what: 'worker: events a second', value: perSecond(rows, ours.ms), unit: '' },
      { what: 'worker: HTTP round trips', value: ours.roundTrips, unit: '' },
      { what: 'worker: quota units an event', value: ours.units / rows, unit: '' },
      { what: 'worker: most requests under way', value: ours.peakParallel, unit: '' },
      {
        what: `loop: events a second (${loop.count} events, ${ours.peakParallel} at once)`,
        value: perSecond(loop.count, loop.ms),
        unit: '',
      },
      { what: 'loop: HTTP round trips an event', value: loop.roundTrips / loop.count, unit: '' },
      { what: 'loop: quota units an event', value: loop.units / loop.count, unit: '' },
      ...quota.figures,
    ];
    const claims: Claim[] = [
      atLeast('HTTP round trips, loop / worker', loop.roundTrips / loop.count / (ours.roundTrips / rows), 20),
      atLeast('throughput, worker / loop', faster, 5),
      atMost('inserts an event', ours.inserts / rows, 1.02),
      atMost('events missing or too many', Math.abs(ours.events - rows), 0),
      ...quota.claims,
    ];
    return { figures, claims };
  },
};

interface Drained {
  readonly practices: readonly Practice[];
  readonly ms: number;
  readonly roundTrips: number;
  readonly units: number;
  readonly inserts: number;
  readonly events: number;
  readonly peakParallel: number;
}

async function drainBacklog(context: BenchContext, rows: number): Promise<Drained> {
  const { stack, sql } = context;
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
  await google(stack, 'settings', { latencyMs: LATENCY_MS });
  if (await waiting(sql) !== rows) {
    throw new Error(`Fill the outbox: ${await waiting(sql)} rows wait instead of ${rows}`);
  }
  const before = await provider(context);
  context.say(`  draining ${rows} rows`);
  const started = performance.now();
  await sql`select private.sweep()`;
  await until('the backlog to be gone', async () => await waiting(sql) === 0, { everyMs: 50, limitMs: 600_000 });
  const ms = performance.now() - started;
  const after = await provider(context);
  return {
    practices,
    ms,
    roundTrips: after.roundTrips - before.roundTrips,
    units: after.units - before.units,
    inserts: after.inserts - before.inserts,
    events: after.events - before.events,
    peakParallel: after.peakParallel,
  };
}

/** Google's own pattern: an insert for each event, as many at once as our worker had. Nothing is stored between them. */
async function insertOneByOne(context: BenchContext, practices: readonly Practice[], parallel: number, count: number) {
  const { stack, sql } = context;
  const tokens = await Promise.all(practices.map(async ({ integrationId }) => {
    const [row] = await sql`select public.integration_credential(${integrationId}) ->> 'accessToken' as token`;
    return row!.token as string;
  }));
  const before = await provider(context);
  context.say(`  inserting ${count} events one by one, ${parallel} at once`);
  let next = 0;
  const lane = async () => {
    for (let index = next++; index < count; index = next++) {
      const { account } = practices[index % practices.length]!;
      const answer = await fetch(`${stack.google.url}/calendar/v3/calendars/${account}/events?sendUpdates=none`, {
        method: 'POST',
        headers: { authorization: `Bearer ${tokens[index % tokens.length]}`, 'content-type': 'application/json' },
        body: JSON.stringify(plainEvent(index)),
      });
      if (!answer.ok) throw new Error(`Insert an event: ${answer.status} ${await answer.text()}`);
      await answer.json();
    }
  };
  const started = performance.now();
  await Promise.all(Array.from({ length: parallel }, lane));
  const ms = performance.now() - started;
  const after = await provider(context);
  return { count, ms, roundTrips: after.roundTrips - before.roundTrips, units: after.units - before.units };
}

function plainEvent(index: number) {
  const at = (slot: number) => new Date(Date.UTC(2027, 0, 1, 8) + slot * 30 * 60_000).toISOString();
  return {
    summary: '[Cassius] Contrôle — Amélie Rousseau',
    description: 'Praticien : Dr Camille Bernard\nActe : Examen bucco-dentaire\nAppeler la veille',
    location: 'Fauteuil 1',
    start: { dateTime: at(index), timeZone: 'Europe/Paris' },
    end: { dateTime: at(index + 1), timeZone: 'Europe/Paris' },
    visibility: 'private',
    reminders: { useDefault: true },
  };
}

/** The emulator's counters. */
async function provider({ stack }: BenchContext) {
  const state = await google(stack, 'state?only=timing,units,inserts,calendars,accounts');
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  return {
    roundTrips: state.timing.requests as number,
    units: state.units.total as number,
    inserts: sum(Object.values(state.inserts as Record<string, { asked: number }>).map(({ asked }) => asked)),
    events: sum(state.calendars.map((calendar: { live: number }) => calendar.live)),
    peakParallel: sum(state.accounts.map((account: { peakParallel: number }) => account.peakParallel)),
  };
}

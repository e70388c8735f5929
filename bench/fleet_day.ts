/**
 * (m) A day of many practices, one step after another: what is written to all the time, and what it takes on the disk. The
 * vacuum comes as often as in a day of so many steps, or less.
 */
import { stagedColumns } from '../supabase/functions/_shared/db/staged_columns.ts';
import type { StagedEvent } from '../supabase/functions/_shared/sync/inbound/port.ts';
import { fleetPractices, removeFleet, seedFleet } from './connected_fleet.ts';
import { atMost, type Bench, type BenchContext, type Claim, type Figure, sum } from './measure.ts';
import { liftQuotas, openPractices, type Practice, startOver, withoutTriggers } from './practices.ts';
import { claimCalendar } from './readings.ts';
import { pushOne } from './fleet_due.ts';
import { follow } from './fleet_minute.ts';
import { stagedMeeting } from './staged_meeting.ts';

/** Of each practice in a day. */
const READINGS = 10;
const BOOKINGS = 4;
const PARTS = 4;
/** Whose rows are as many in the evening as in the morning. */
const STEADY = [
  'private.sync_outbox',
  'private.sync_lanes',
  'private.lane_notices',
  'private.account_budgets',
  'private.calendar_cursors',
  'private.calendar_notices',
  'private.import_runs',
  'private.staged_runs',
  'private.import_staging',
  'private.watch_channels',
  'public.calendar_integrations',
] as const;

interface Size {
  readonly table: string;
  readonly bytes: number;
  readonly dead: number;
  readonly updated: number;
  readonly hot: number;
}

export const fleetDay: Bench = {
  name: 'fleet_day',
  title: 'A day of many practices: what the busy tables take on the disk',
  perProvider: false,
  async run(context) {
    const { stack, sql } = context;
    const size = Math.min(2_000, context.calendars ?? (context.quick ? 100 : 1_000));
    await startOver(context);
    try {
      await liftQuotas(context);
      const [model] = await openPractices(context, 1);
      await follow(context, model!);
      await stack.stopFunctions();
      await seedFleet(context, { from: 1, to: size }, { like: model!, calendars: 'shared' });
      const practices = await fleetPractices(context, { from: 1, to: size }, model!.account);
      await sql`alter system set autovacuum_naptime = '1s'`;
      await sql`select pg_reload_conf()`;
      const parts: Size[][] = [];
      for (let part = 0; part < PARTS; part++) {
        context.say(`  quarter ${part + 1} of ${PARTS}: ${size} practices`);
        await live(context, practices, part);
        parts.push(await sizes(context));
      }
      return { figures: figures(size, parts), claims: claims(parts) };
    } finally {
      await sql`alter system reset autovacuum_naptime`;
      await sql`select pg_reload_conf()`;
      await removeFleet(context);
      await stack.startFunctions();
    }
  },
};

/** A quarter of what a day brings to each, in an order of its own. */
async function live(context: BenchContext, practices: readonly Practice[], part: number): Promise<void> {
  const steps = practices.flatMap((practice) => [
    ...Array.from({ length: shareOf(READINGS, part) }, () => () => read(context, practice)),
    ...Array.from({ length: shareOf(BOOKINGS, part) }, () => async () => void await pushOne(context, practice)),
  ]);
  for (const step of shuffled(steps)) await step();
}

const shareOf = (aDay: number, part: number) => Math.floor(aDay * (part + 1) / PARTS) - Math.floor(aDay * part / PARTS);

function shuffled<T>(values: readonly T[]): T[] {
  return values.map((value) => ({ value, at: Math.random() })).sort((a, b) => a.at - b.at).map(({ value }) => value);
}

/** It is told of one event that has another title each time. */
async function read(context: BenchContext, practice: Practice): Promise<void> {
  const { sql, stage } = context;
  await withoutTriggers(
    sql,
    (transaction) =>
      transaction`insert into private.calendar_notices (integration_id, calendar_id, told_at)
      values (${practice.integrationId}, ${practice.account.calendarId}, now())`,
  );
  const { worker, runId } = await claimCalendar(context, practice, 'push');
  const page = JSON.stringify(stagedColumns([event()]));
  await sql`select public.import_stage(${worker}, ${runId}, ${page}::text::json, '[]', null, 1, 'token')`;
  const [row] = await sql`select public.import_finish(${worker}, ${runId}, 'token', '[]', 0) as answer`;
  if (row!['answer'].lost) throw new Error(`Read a calendar of ${stage.name}: it was lost`);
}

const event = (): StagedEvent =>
  stagedMeeting({
    eventId: 'meeting',
    etag: `"${crypto.randomUUID()}"`,
    title: `Réunion ${Math.floor(Math.random() * 1000)}`,
    startsAt: Math.floor(Date.now() / 86_400_000) * 86_400_000 + 3 * 86_400_000,
    minutes: 30,
    availability: 'free',
  });

/** Heap and indexes, once the statistics of every session have come in. */
async function sizes({ sql }: BenchContext): Promise<Size[]> {
  await sql`select pg_stat_force_next_flush()`;
  const rows = await sql`
    select t.name, pg_total_relation_size(t.name::regclass)::float8 as bytes, s.n_dead_tup::float8 as dead,
      s.n_tup_upd::float8 as updated, s.n_tup_hot_upd::float8 as hot
    from unnest(${[...STEADY]}::text[]) as t (name) join pg_stat_user_tables s on s.relid = t.name::regclass`;
  return rows.map(({ name, bytes, dead, updated, hot }) => ({ table: name, bytes, dead, updated, hot }));
}

function figures(size: number, parts: readonly Size[][]): Figure[] {
  const first = parts[0]!;
  const last = parts.at(-1)!;
  return [
    { what: 'connected calendars', value: size, unit: '' },
    ...last.flatMap(({ table, bytes, dead, updated, hot }, at): Figure[] => [
      { what: `${table}: after a quarter of the day`, value: first[at]!.bytes / 1024, unit: 'KB' },
      { what: `${table}: after all of it`, value: bytes / 1024, unit: 'KB' },
      { what: `${table}: dead rows by then`, value: dead, unit: '' },
      ...(updated === 0 ? [] : [{ what: `${table}: updates that touch no index`, value: hot / updated, unit: '' }]),
    ]),
  ];
}

function claims(parts: readonly Size[][]): Claim[] {
  const all = (part: readonly Size[]) => sum(part.map(({ bytes }) => bytes));
  return [atMost('the busy tables, after the day / after a quarter of it', all(parts.at(-1)!) / all(parts[0]!), 1.25)];
}

/**
 * (j) One minute of a working day among many practices: some book, some calendars change, some are polled. And what one of
 * each costs, from a while in which nothing else happens.
 */
import { fleetPractices, removeFleet, seedFleet } from './connected_fleet.ts';
import { DatabaseCpu } from './database_cpu.ts';
import { MINUTE, MIX, type MixPart } from './fleet_figures.ts';
import { atMost, type Bench, type BenchContext, type BenchReport, type Figure, until } from './measure.ts';
import { book, openPractices, type Practice, startOver } from './practices.ts';
import type { OwnCalendar } from './provider_stage.ts';

/** Of the practices, in a minute. A calendar whose channel is proven is polled every four hours. */
const SHARES: Readonly<Record<MixPart, number>> = { booking: 0.005, change: 0.005, poll: 1 / 240 };
const MINUTE_MS = 60_000;
/** Of each kind alone, at the minute's own pace. */
const ALONE_MS = 20_000;
/** So many at least, or Postgres' CPU, counted in hundredths of a second, says nothing about one. */
const FEWEST = 60;

type Mix = Readonly<Record<MixPart, number>>;

/** Practices at work, each with a calendar of its own. */
interface Working {
  readonly bookers: readonly Practice[];
  readonly changed: readonly OwnCalendar[];
  /** The calendar of all others. */
  readonly shared: string;
}

interface Spent {
  readonly cpuMs: number;
  readonly requests: number;
  readonly units: number;
  readonly invocations: number;
  /** How long after the last of it everything was done. */
  readonly behindMs: number;
}

export const fleetMinute: Bench = {
  name: 'fleet_minute',
  title: 'A minute of a working day, among many connected practices',
  perProvider: false,
  async run(context) {
    const size = Math.max(4 * FEWEST, context.calendars ?? (context.quick ? 1_000 : 100_000));
    const mix: Mix = { booking: of(size, 'booking'), change: of(size, 'change'), poll: of(size, 'poll') };
    await startOver(context);
    try {
      const working = await open(context, size, mix);
      const alone = {} as Record<MixPart, Spent>;
      const share = ALONE_MS / MINUTE_MS;
      const idle = await live(context, working, { booking: 0, change: 0, poll: 0 }, ALONE_MS);
      for (const part of MIX) {
        const count = Math.max(FEWEST, Math.round(mix[part] * share));
        context.say(`  ${count} of one kind: ${part}`);
        const only = { booking: 0, change: 0, poll: 0, [part]: count };
        alone[part] = each(await live(context, working, only, ALONE_MS), idle, count);
      }
      context.say(`  the minute: ${mix.booking} book, ${mix.change} calendars change, ${mix.poll} are polled`);
      const minute = await live(context, working, mix, MINUTE_MS);
      return report(size, { alone, idle, minute });
    } finally {
      await context.stack.stopFunctions();
      await removeFleet(context);
      await context.stack.startFunctions();
    }
  },
};

const of = (size: number, part: MixPart) => Math.max(1, Math.round(size * SHARES[part]));

function report(
  size: number,
  { alone, idle, minute }: { alone: Readonly<Record<MixPart, Spent>>; idle: Spent; minute: Spent },
): BenchReport {
  const perMinute = MINUTE_MS / ALONE_MS;
  const share = minute.cpuMs / MINUTE_MS;
  return {
    figures: [
      { what: MINUTE.calendars, value: size, unit: '' },
      ...MIX.flatMap((part): Figure[] => [
        { what: MINUTE.cpu(part), value: alone[part].cpuMs, unit: 'ms' },
        { what: MINUTE.requests(part), value: alone[part].requests, unit: '' },
        { what: MINUTE.units(part), value: alone[part].units, unit: '' },
        { what: MINUTE.invocations(part), value: alone[part].invocations, unit: '' },
      ]),
      { what: MINUTE.idleCpu, value: idle.cpuMs * perMinute, unit: 'ms' },
      { what: MINUTE.idleInvocations, value: idle.invocations * perMinute, unit: '' },
      { what: 'the minute: database CPU', value: minute.cpuMs / 1000, unit: 's' },
      { what: 'the minute: quota units', value: minute.units, unit: '' },
      { what: 'the minute: invocations of functions', value: minute.invocations, unit: '' },
      { what: 'the minute: done so long after its end', value: minute.behindMs / 1000, unit: 's' },
    ],
    claims: [
      atMost(`${size} calendars: database, share of one core`, share, 0.2),
      atMost(`${size} calendars: requests to the provider`, minute.requests, 2_000),
    ],
  };
}

/** Without what would have been spent anyway. */
function each(spent: Spent, idle: Spent, count: number): Spent {
  const one = (kind: 'cpuMs' | 'requests' | 'units' | 'invocations') =>
    Math.max(0, spent[kind] - idle[kind] * (1 + spent.behindMs / ALONE_MS)) / count;
  return {
    cpuMs: one('cpuMs'),
    requests: one('requests'),
    units: one('units'),
    invocations: one('invocations'),
    behindMs: spent.behindMs,
  };
}

/** All are connected, read and watched, and what works in the minute has proven channels. */
async function open(context: BenchContext, size: number, mix: Mix): Promise<Working> {
  const { stack, stage, sql } = context;
  await stage.steer(stack, 'settings', stage.withoutQuotas);
  const [model] = await openPractices(context, 1);
  await follow(context, model!);
  const booking = Math.max(FEWEST, mix.booking);
  const working = booking + Math.max(FEWEST, mix.change);
  context.say(`  ${working} practices with calendars of their own`);
  const calendars = Array.from({ length: working }, (_, at) => `fleet-${at + 1}`);
  for (const id of calendars) await stage.addCalendar(stack, model!.account, id);
  await stack.stopFunctions();
  await seedFleet(context, { from: 1, to: working }, { like: model!, calendars: 'own' });
  await stack.startFunctions();
  await allRead(context);
  context.say(`  ${size - working} others`);
  await stack.stopFunctions();
  await seedFleet(context, { from: working + 1, to: size }, { like: model!, calendars: 'shared' });
  await sql`update private.calendar_cursors set push_proven_at = private.clock(),
    next_poll_at = private.clock() + interval '1 hour' + random() * interval '3 hours'`;
  await sql`vacuum analyze private.calendar_cursors`;
  await stack.startFunctions();
  await rested(context);
  await stage.steer(stack, 'settings', stage.projectQuota.settings);
  const bookers = await fleetPractices(context, { from: 1, to: booking }, model!.account);
  const changed: OwnCalendar[] = [];
  for (const calendarId of calendars.slice(booking)) {
    changed.push(await stage.openCalendar(stack, { ...model!.account, calendarId }));
  }
  return { bookers, changed, shared: model!.account.calendarId };
}

/** Its calendar, the one that is written to, is read once, and then watched. */
export async function follow(context: BenchContext, practice: Practice): Promise<void> {
  const { sql, stage } = context;
  const { integrationId, organisationId, account: { calendarId } } = practice;
  const [{ user_id }] = await sql`select user_id from public.calendar_integrations where id = ${integrationId}` as [
    { user_id: string },
  ];
  const settings = {
    import_enabled: true,
    calendar_source_id: calendarId,
    calendar_source_name: 'C',
    calendar_target_id: calendarId,
    calendar_target_name: 'C',
  };
  await sql`select public.integration_update(${organisationId}, ${user_id}, ${stage.provider}, ${sql.json(settings)})`;
  await sql`update private.calendar_cursors set next_poll_at = private.clock() where integration_id = ${integrationId}`;
  await allRead(context);
}

async function allRead(context: BenchContext): Promise<void> {
  const { sql } = context;
  await sql`select private.import_sweep()`;
  await until('the first readings', async () => {
    const left =
      await sql`select from private.calendar_cursors where followed is not null and sync_token is null limit 1`;
    return left.length === 0;
  }, { everyMs: 500, limitMs: 1_800_000 });
  await rested(context);
}

/** Nothing is due, nothing is under way. */
async function rested({ sql }: BenchContext): Promise<void> {
  await until('everything to be done', async () => {
    const [row] = await sql`select not exists (select from private.sync_outbox where parked_at is null)
      and not exists (select from private.calendar_notices)
      and not exists (select from private.lane_notices)
      and not exists (select from private.import_runs)
      and not exists (select from net.http_request_queue)
      and not exists (select from private.calendar_cursors
        where followed is not null and next_poll_at <= private.clock()) as rested`;
    return row!['rested'];
  }, { everyMs: 200, limitMs: 600_000 });
}

/** Spreads what happens evenly over the time, and waits until all of it is done. */
async function live(
  context: BenchContext,
  { bookers, changed, shared }: Working,
  mix: Mix,
  lastsMs: number,
): Promise<Spent> {
  const { stack, stage, sql } = context;
  const cpu = await DatabaseCpu.of(sql);
  const spent = async () => ({
    cpuMs: cpu === null ? NaN : cpu.total() + cpu.observer(),
    requests: (await stage.readCounters(stack)).roundTrips,
    units: (await stage.readCounters(stack)).units,
    invocations: stack.invocations(),
  });
  await sql`with due as (
      select integration_id, calendar_id, row_number() over (order by next_poll_at) as n
      from private.calendar_cursors where followed is not null and calendar_id = ${shared}
      order by next_poll_at limit ${mix.poll})
    update private.calendar_cursors c
    set next_poll_at = private.clock() + d.n * ${
    lastsMs / Math.max(1, mix.poll)
  }::double precision * interval '1 millisecond'
    from due d where c.integration_id = d.integration_id and c.calendar_id = d.calendar_id`;
  const begun = [
    ...moments(mix.booking, lastsMs).map((at, turn) => ({ at, act: () => book(sql, bookers[turn]!, 1) })),
    ...moments(mix.change, lastsMs).map((at, turn) => ({ at, act: () => change(changed[turn]!, turn) })),
  ].sort((a, b) => a.at - b.at);
  const before = await spent();
  const started = performance.now();
  for (const { at, act } of begun) {
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, started + at - performance.now())));
    await act();
  }
  await new Promise((resolve) => setTimeout(resolve, Math.max(0, started + lastsMs - performance.now())));
  // The sweep of a minute finds what became due since the one before.
  await sql`select private.sweep(), private.import_sweep()`;
  await rested(context);
  const behindMs = Math.max(0, performance.now() - started - lastsMs);
  const after = await spent();
  return {
    cpuMs: after.cpuMs - before.cpuMs,
    // Of these some are people's own.
    requests: after.requests - before.requests - mix.change,
    units: after.units - before.units,
    invocations: after.invocations - before.invocations,
    behindMs,
  };
}

function moments(count: number, lastsMs: number): number[] {
  return Array.from({ length: count }, (_, turn) => (turn + 0.5) * lastsMs / count);
}

async function change(calendar: OwnCalendar, turn: number): Promise<void> {
  const startsAt = Date.now() + (48 + turn) * 3_600_000;
  const at = (instant: number) => new Date(instant).toISOString();
  const event = { title: 'Réunion', description: 'Ordre du jour', location: 'Salle de réunion' };
  const answer = await calendar.insert({ ...event, startsAt: at(startsAt), endsAt: at(startsAt + 1_800_000) });
  await answer.body?.cancel();
  if (!answer.ok) throw new Error(`Change a calendar: ${answer.status}`);
}

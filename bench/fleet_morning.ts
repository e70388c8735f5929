/**
 * (k) The morning after a night without functions: every calendar is overdue, every access token has ended. How long until all
 * are read, in which order, whether any is read twice, and what people who act meanwhile wait for.
 */
import { Person } from '../tests/functions/person.ts';
import { FLEET, removeFleet, seedFleet } from './connected_fleet.ts';
import { follow } from './fleet_minute.ts';
import {
  atMost,
  type Bench,
  type BenchContext,
  type BenchReport,
  type Claim,
  quantile,
  sum,
  until,
} from './measure.ts';
import { book, openPractices, type Practice, startOver } from './practices.ts';
import { promptConnection } from './prompt_connection.ts';

const NIGHT = '10 hours';
/** In which people act while the night is made up for. */
const AWAKE = 6;
/** Between two of their actions. */
const PAUSE_MS = 1_500;
/** At least so many, whether or not the fleet is served by then. */
const FEWEST = 12;

interface Morning {
  readonly ms: number;
  readonly units: number;
  readonly requests: number;
  readonly invocations: number;
  readonly refused: number;
  readonly waits: Readonly<Record<Action, readonly number[]>>;
  readonly twice: number;
  /** By how much of the fleet a calendar came out of its turn. */
  readonly outOfTurn: { readonly worst: number; readonly median: number };
}

export const fleetMorning: Bench = {
  name: 'fleet_morning',
  title: 'The morning after a night without functions',
  perProvider: false,
  async run(context) {
    const { stack, stage, sql } = context;
    const size = context.calendars ?? (context.quick ? 1_000 : 100_000);
    await startOver(context);
    try {
      await stage.steer(stack, 'settings', stage.withoutQuotas);
      const [model, ...practices] = await openPractices(context, 1 + AWAKE);
      const asleep = await besides(context, model!);
      for (const practice of [asleep, ...practices]) await follow(context, practice);
      await stack.stopFunctions();
      context.say(`  ${size} practices sleep`);
      await sleep(context, asleep, size);
      await stage.steer(stack, 'settings', stage.projectQuota.settings);
      context.say('  and wake up');
      return report(size, stage.projectQuota.perMinute, await wakeUp(context, practices));
    } finally {
      await stack.stopFunctions();
      await forgetReadings(context);
      await removeFleet(context);
      await sql`vacuum`;
      await stack.startFunctions();
    }
  },
};

function report(size: number, perMinute: number, morning: Morning): BenchReport {
  const minutes = morning.ms / 60_000;
  const asked = morning.units / perMinute;
  // Less fits into the minute in which it is asked for.
  const bound: readonly Claim[] = asked < 2
    ? []
    : [atMost('time until all were read / what the quota asks for', minutes / asked, 1.1)];
  return {
    figures: [
      { what: 'connected calendars', value: size, unit: '' },
      { what: 'until all were read', value: minutes, unit: 'min' },
      { what: 'what the quota of the project asks for', value: asked, unit: 'min' },
      {
        what: 'the same, were the first minute’s spent in its first moment',
        value: Math.max(0, asked - 1),
        unit: 'min',
      },
      { what: 'calendars a second', value: size / morning.ms * 1000, unit: '' },
      { what: 'requests to the provider, tokens included', value: morning.requests, unit: '' },
      { what: 'quota units', value: morning.units, unit: '' },
      { what: 'invocations of functions', value: morning.invocations, unit: '' },
      { what: 'out of turn at worst, of the fleet', value: morning.outOfTurn.worst, unit: '' },
      { what: 'out of turn, median', value: morning.outOfTurn.median, unit: '' },
      ...Object.entries(morning.waits).flatMap(([action, waits]) => [
        { what: `${action}: times`, value: waits.length, unit: '' },
        { what: `${action}: p50`, value: quantile(waits, 0.5) / 1000, unit: 's' },
        { what: `${action}: p95`, value: quantile(waits, 0.95) / 1000, unit: 's' },
      ]),
    ],
    claims: [
      atMost('calendars read twice', morning.twice, 0),
      atMost('calls refused', morning.refused, 0),
      ...bound,
      atMost(
        'what people wait for, of a provider that answers at once: p95 in s',
        quantile(Object.values(morning.waits).flat(), 0.95) / 1000,
        2,
      ),
    ],
  };
}

/** With a calendar in which none of those at work books: every reading would find all their bookings. */
async function besides({ stack, stage }: BenchContext, practice: Practice): Promise<Practice> {
  const account = { ...practice.account, calendarId: 'fleet' };
  await stage.addCalendar(stack, account, account.calendarId);
  return { ...practice, account };
}

/** They became due one after another through the night; each reading that ends is noted from now on. */
async function sleep(context: BenchContext, like: Practice, size: number): Promise<void> {
  const { sql } = context;
  await seedFleet(context, { from: 1, to: size }, { like, calendars: 'shared', expired: true });
  await sql`update private.calendar_cursors c set next_poll_at = private.clock() - random() * ${NIGHT}::interval
    from public.calendar_integrations i where i.id = c.integration_id and i.account_id like ${`${FLEET}%`}`;
  await forgetReadings(context);
  await sql`create unlogged table public.bench_turns as
    select c.integration_id, row_number() over (order by c.next_poll_at) as turn
    from private.calendar_cursors c join public.calendar_integrations i on i.id = c.integration_id
    where i.account_id like ${`${FLEET}%`}`;
  await sql`create unlogged table public.bench_readings (
    place bigint generated always as identity, integration_id uuid not null)`;
  await sql`create function public.bench_note_reading() returns trigger language plpgsql security definer as $$
    begin
      insert into public.bench_readings (integration_id) values (old.integration_id);
      return null;
    end $$`;
  await sql`create trigger bench_note_reading after update of checked_at on private.calendar_cursors
    for each row when (new.checked_at is distinct from old.checked_at) execute function public.bench_note_reading()`;
  await sql`vacuum analyze private.calendar_cursors`;
}

async function forgetReadings({ sql }: BenchContext): Promise<void> {
  await sql`drop function if exists public.bench_note_reading() cascade`;
  await sql`drop table if exists public.bench_turns, public.bench_readings`;
}

async function wakeUp(context: BenchContext, practices: readonly Practice[]): Promise<Morning> {
  const { stack, stage, sql } = context;
  const spent = async () => {
    const { roundTrips, units } = await stage.readCounters(stack);
    return {
      requests: roundTrips,
      units,
      refused: sum((await stage.readSpending(stack)).map((account) => account.refused)),
      invocations: stack.invocations(),
    };
  };
  const before = await spent();
  const started = performance.now();
  await stack.startFunctions();
  await sql`select private.import_sweep(), private.sweep()`;
  const readers = { done: false };
  const [ms, waits] = await Promise.all([
    allRead(context).then(() => {
      readers.done = true;
      return performance.now() - started;
    }),
    act(context, practices, readers),
  ]);
  const after = await spent();
  const [read] = await sql`
    select max(abs(o.place - o.turn)) as worst, count(*) as count,
      percentile_disc(0.5) within group (order by abs(o.place - o.turn)) as median
    from (select t.turn, row_number() over (order by min(r.place)) as place
      from public.bench_turns t join public.bench_readings r on r.integration_id = t.integration_id
      group by t.integration_id, t.turn) o`;
  const [all] = await sql`select count(*) as count from public.bench_readings r
    join public.bench_turns t on t.integration_id = r.integration_id`;
  const count = Number(read!['count']);
  return {
    ms,
    units: after.units - before.units,
    requests: after.requests - before.requests,
    refused: after.refused - before.refused,
    invocations: after.invocations - before.invocations,
    waits,
    twice: Number(all!['count']) - count,
    outOfTurn: { worst: Number(read!['worst']) / count, median: Number(read!['median']) / count },
  };
}

/** None is due any more that was when the functions woke up, and none of them has only failed. */
async function allRead({ sql, stage }: BenchContext): Promise<void> {
  const limitMs = 7_200_000;
  const [{ woke }] = await sql`select private.clock() as woke` as [{ woke: Date }];
  await until('all to be due no more', async () => {
    const left = await sql`select from private.calendar_cursors
      where provider = ${stage.provider} and followed is not null and next_poll_at <= ${woke} limit 1`;
    return left.length === 0;
  }, { everyMs: 500, limitMs });
  await until('all to be read', async () => {
    const left = await sql`select from public.bench_turns t
      where not exists (select from public.bench_readings r where r.integration_id = t.integration_id) limit 1`;
    return left.length === 0;
  }, { everyMs: 2_000, limitMs });
}

type Action = 'a person books' | 'a person asks for a sync' | 'a person asks for a preview';

/** People go on with their day: one after another, each waits for what was asked. */
async function act(
  context: BenchContext,
  practices: readonly Practice[],
  readers: { readonly done: boolean },
): Promise<Record<Action, number[]>> {
  const { stack, stage } = context;
  const waits: Record<Action, number[]> = {
    'a person books': [],
    'a person asks for a sync': [],
    'a person asks for a preview': [],
  };
  const people = new Map<string, Person>();
  for (const { account: { login } } of practices) {
    if (!people.has(login)) people.set(login, (await Person.signIn(stack, login)).at(stage.provider));
  }
  const own = promptConnection(stack.adminDbUrl);
  const actions: ReadonlyArray<readonly [Action, (practice: Practice) => Promise<void>]> = [
    ['a person books', async (practice) => {
      const [id] = await book(own, practice, 1);
      await until('the event', async () => {
        const found = await own`
          select from public.appointment_external_links where rdv_id = ${id!} and sync_status = 'synced'`;
        return found.length > 0;
      }, { limitMs: 600_000 });
    }],
    ['a person asks for a sync', (practice) => ask(practice, 'sync/sync-now', {})],
    [
      'a person asks for a preview',
      (practice) => ask(practice, 'import/import', { calendarId: practice.account.calendarId, mode: 'preview' }),
    ],
  ];
  async function ask({ organisationId, account }: Practice, path: string, body: unknown): Promise<void> {
    const headers = { 'x-organisation-id': organisationId };
    const answer = await people.get(account.login)!.use(path, { body, headers });
    if (answer.status !== 200) context.say(`  ${path}: ${answer.status} ${answer.body.code}`);
  }
  try {
    for (let turn = 0; turn < FEWEST || !readers.done; turn++) {
      const [action, perform] = actions[turn % actions.length]!;
      const started = performance.now();
      await perform(practices[Math.floor(turn / actions.length) % practices.length]!);
      waits[action].push(performance.now() - started);
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  } finally {
    await own.end();
  }
  return waits;
}

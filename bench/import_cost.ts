/**
 * (e) A first import of 10,000 events against listing the same pages and copying them into an unindexed table;
 * (f) an import that finds nothing new; (h) from a change in the calendar to the row here, told by push.
 */
import { Person } from '../tests/functions/person.ts';
import {
  atMost,
  type Bench,
  type BenchContext,
  type BenchReport,
  exactly,
  median,
  quantile,
  timed,
  until,
} from './measure.ts';
import { forgetPeak, memoryMb } from './process_figures.ts';
import { promptConnection } from './prompt_connection.ts';
import type { OwnCalendar, PlainEvent } from './provider_stage.ts';
import { openPractices, type Practice, startOver } from './practices.ts';

const ROUNDS = 3;
const DAYS = 300;

export const importCost: Bench = {
  name: 'import_cost',
  title: 'Importing a calendar: first, again, and told by push',
  perProvider: true,
  async run(context) {
    const count = context.quick ? 2_500 : 10_000;
    const { stack, stage } = context;
    await startOver(context);
    await stage.steer(stack, 'settings', stage.withoutQuotas);
    const [practice] = await openPractices(context, 1);
    // A calendar that is exported to is followed: its channel and the first notice would be counted with the import.
    await context.sql`update public.calendar_integrations set export_enabled = false where id = ${
      practice!.integrationId
    }`;
    const person = (await Person.signIn(stack, practice!.account.login)).at(stage.provider);
    const calendar = await stage.openCalendar(stack, practice!.account);
    context.say(`  filling the calendar with ${count} events`);
    await fill(calendar, count);
    const rpcs = await rpcCounter(context);
    const imported: Imported[] = [];
    const raw: number[] = [];
    for (let round = -1; round < ROUNDS; round++) {
      const ours = async () => {
        const one = await firstImport(context, person, practice!, rpcs);
        if (round >= 0) imported.push(one);
      };
      const theirs = async () => {
        const ms = await listAndCopy(context, calendar, count);
        if (round >= 0) raw.push(ms);
      };
      // The first round warms up. They take turns at coming first.
      for (const one of round % 2 === 0 ? [ours, theirs] : [theirs, ours]) await one();
    }
    const first = imported.map(({ ms }) => ms);
    const pages = Math.ceil(count / stage.pageSize);
    const calls = Math.max(...imported.map((one) => one.rpcs));
    const nothing = await importAgain(context, practice!, rpcs);
    const told = await toldByPush(context, calendar);
    const peak = Math.max(...imported.map(({ peakMb }) => peakMb ?? NaN));
    return {
      figures: [
        { what: `first import of ${count} events, median of ${ROUNDS}`, value: median(first), unit: 'ms' },
        { what: 'listing the same pages and copying them, median', value: median(raw), unit: 'ms' },
        { what: 'first import: API calls', value: imported[0]!.apiCalls, unit: '' },
        { what: 'first import: RPC round trips', value: calls, unit: '' },
        { what: 'first import: peak memory of the function', value: peak, unit: 'MB' },
        { what: 'first import: above what the idle function held', value: peak - imported[0]!.idleMb!, unit: 'MB' },
        { what: 'nothing new: API calls', value: nothing.apiCalls, unit: '' },
        { what: 'nothing new: RPC round trips', value: nothing.rpcs, unit: '' },
        { what: 'change to row, p50', value: quantile(told, 0.5), unit: 'ms' },
        { what: 'change to row, p95', value: quantile(told, 0.95), unit: 'ms' },
      ],
      claims: [
        atMost('first import / listing and copying', median(first) / median(raw), 4),
        atMost(`RPC round trips a page of ${stage.pageSize}`, calls / pages, 3),
        ...(Number.isNaN(peak) ? [] : [atMost('peak memory of the function, MB', peak, 150)]),
        exactly('nothing new: API calls', nothing.apiCalls, 1),
        atMost('nothing new: RPC round trips', nothing.rpcs, 3),
        atMost('change to row, p95, ms', quantile(told, 0.95), 2_000),
      ],
    } satisfies BenchReport;
  },
};

interface Imported {
  readonly ms: number;
  readonly rpcs: number;
  readonly apiCalls: number;
  readonly peakMb: number | null;
  readonly idleMb: number | null;
}

const at = (index: number, count: number) => {
  const start = Date.now() + 86_400_000 + index * (DAYS * 86_400_000 / count);
  return new Date(start - start % 60_000).toISOString();
};
const window = () => ({
  timeMin: new Date(Date.now() - 86_400_000).toISOString(),
  timeMax: new Date(Date.now() + 330 * 86_400_000).toISOString(),
});

/** `more` is laid over each event. */
export async function fill(calendar: OwnCalendar, count: number, more: Partial<PlainEvent> = {}): Promise<void> {
  let next = 0;
  const lane = async () => {
    for (let index = next++; index < count; index = next++) {
      const startsAt = at(index, count);
      const { ok, status, body } = await calendar.insert({
        title: `Réunion ${index}`,
        description: 'Ordre du jour : le point sur les commandes, puis les congés de l’équipe',
        location: 'Salle de réunion, 12 rue de la Paix, Paris',
        startsAt,
        endsAt: new Date(Date.parse(startsAt) + 1_800_000).toISOString(),
        ...more,
      });
      await body?.cancel();
      if (!ok) throw new Error(`Fill the calendar: ${status}`);
    }
  };
  await Promise.all(Array.from({ length: 8 }, lane));
}

/** Calls of our own functions, as Postgres counts them. */
export async function rpcCounter({ sql }: BenchContext): Promise<() => Promise<number>> {
  await sql`alter system set track_functions = 'pl'`;
  await sql`select pg_reload_conf()`;
  return async () => {
    await sql`select pg_stat_force_next_flush()`;
    const [row] = await sql`
      select coalesce(sum(calls), 0)::integer as calls from pg_stat_user_functions
      where schemaname = 'public' and funcname ~ '^import_(begin|claim|stage|missing|ours|finish|suspend|fail|watch)$'`;
    return row!.calls;
  };
}

/** Sessions that fell idle report their counts after ten seconds. */
async function settledCount(rpcs: () => Promise<number>): Promise<number> {
  await new Promise((resolve) => setTimeout(resolve, 11_000));
  return await rpcs();
}

const apiCalls = async ({ stack, stage }: BenchContext): Promise<number> =>
  (await stage.steer(stack, 'state?only=timing')).timing.requests;

export async function firstImport(
  context: BenchContext,
  person: Person,
  practice: Practice,
  rpcs: () => Promise<number>,
): Promise<Imported> {
  const { stack, sql } = context;
  await sql`delete from public.external_events where true`;
  await sql`delete from private.calendar_cursors where true`;
  await sql`vacuum analyze public.external_events, private.import_staging, public.sync_run_items`;
  const pid = stack.functionPids()[`${person.provider}-import`];
  const before = { rpcs: await settledCount(rpcs), calls: await apiCalls(context) };
  const idleMb = await memoryMb(pid, 'VmRSS');
  await forgetPeak(pid);
  let created = 0;
  const ms = await timed(async () => {
    const answer = await person.call(`${person.provider}-import/import`, {
      body: { calendarId: practice.account.calendarId, mode: 'import', ...window() },
      headers: { 'x-organisation-id': practice.organisationId },
    });
    if (answer.status !== 200) throw new Error(`Import: ${answer.status} ${JSON.stringify(answer.body)}`);
    // Many pages go on behind the answer.
    created = answer.body.remaining ? await createdIn(context, answer.body.runId) : answer.body.created;
  });
  const [stored] = await sql`select count(*)::integer as n from public.external_events`;
  if (stored!.n !== created) throw new Error(`Import: ${stored!.n} events are stored, ${created} were reported`);
  const peakMb = await memoryMb(pid, 'VmHWM');
  return {
    ms,
    peakMb,
    idleMb,
    rpcs: await settledCount(rpcs) - before.rpcs,
    apiCalls: await apiCalls(context) - before.calls,
  };
}

async function createdIn({ sql }: BenchContext, runId: string): Promise<number> {
  let created: number | null = null;
  await until('the import', async () => {
    const [run] = await sql`select created, finished_at from public.sync_runs where id = ${runId}`;
    if (run?.['finished_at']) created = run['created'];
    return created !== null;
  }, { everyMs: 5 });
  return created!;
}

async function listAndCopy(context: BenchContext, calendar: OwnCalendar, count: number): Promise<number> {
  const sql = promptConnection(context.stack.adminDbUrl);
  try {
    await sql`create unlogged table if not exists public.bench_copied (id text, etag text, status text, summary text, description text,
      location text, start_at timestamptz, end_at timestamptz, updated_at timestamptz)`;
    await sql`truncate public.bench_copied`;
    const ms = await timed(async () => {
      for await (const page of calendar.pages(window())) {
        const copy = await sql`copy public.bench_copied from stdin`.writable();
        await new Promise<void>((resolve, reject) => {
          copy.on('error', reject).on('finish', () => resolve()).end(page.map(copyLine).join(''));
        });
      }
    });
    const [row] = await sql`select count(*)::integer as n from public.bench_copied`;
    if (row!.n !== count) throw new Error(`List and copy: ${row!.n} of ${count} events`);
    await sql`drop table public.bench_copied`;
    return ms;
  } finally {
    await sql.end();
  }
}

const ESCAPED: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };

function copyLine(cells: readonly string[]): string {
  return `${cells.map((cell) => cell.replace(/[\\\t\n\r]/g, (letter) => ESCAPED[letter]!)).join('\t')}\n`;
}

async function importAgain(context: BenchContext, practice: Practice, rpcs: () => Promise<number>) {
  const { sql } = context;
  await sql`update public.calendar_integrations set import_enabled = true, import_range_default = '30d'
    where id = ${practice.integrationId}`;
  const run = async () => {
    await sql`update private.calendar_cursors set next_poll_at = private.clock() - interval '1 second'
      where integration_id = ${practice.integrationId}`;
    await context.stack.runCron('cassius-import-sweep');
    await until('the poll', async () => {
      const [row] =
        await sql`select failures, last_error from private.calendar_cursors where integration_id = ${practice.integrationId}
        and next_poll_at > private.clock() and lease_owner is null
        and not exists (select from private.import_runs where integration_id = ${practice.integrationId})`;
      if (row?.['failures'] > 0) throw new Error(`Import again: the poll failed, ${row!['last_error']}`);
      return row !== undefined;
    });
  };
  await run(); // opens the channel
  const before = { rpcs: await settledCount(rpcs), calls: await apiCalls(context) };
  await run();
  return { rpcs: await settledCount(rpcs) - before.rpcs, apiCalls: await apiCalls(context) - before.calls };
}

async function toldByPush(context: BenchContext, calendar: OwnCalendar): Promise<number[]> {
  const { sql } = context;
  const rounds = context.quick ? 20 : 100;
  const found = await sql`select external_event_id as id from public.external_events order by start_at limit ${rounds}`;
  const times: number[] = [];
  for (const [round, { id }] of found.entries()) {
    const title = `Déplacée ${round}`;
    const started = performance.now();
    const { ok, status, body } = await calendar.rename(id, title);
    await body?.cancel();
    if (!ok) throw new Error(`Rename an event: ${status}`);
    await until('the change', async () => {
      const [row] =
        await sql`select 1 from public.external_events where external_event_id = ${id} and summary = ${title}`;
      return row !== undefined;
    }, { everyMs: 5 });
    times.push(performance.now() - started);
  }
  return times;
}

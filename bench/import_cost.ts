/**
 * (e) A first import of 10,000 events against listing the same pages and copying them into an unindexed table;
 * (f) an import that finds nothing new; (h) from a change in the calendar to the row here, told by push.
 */
import postgres from 'postgres';
import { google, Person } from '../tests/functions/person.ts';
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
import { openPractices, type Practice, startOver } from './practices.ts';

const PAGE = 2_500;
const ROUNDS = 3;
const DAYS = 300;

export const importCost: Bench = {
  name: 'import_cost',
  title: 'Importing a calendar: first, again, and told by push',
  async run(context) {
    const count = context.quick ? 2_500 : 10_000;
    await startOver(context);
    await google(context.stack, 'settings', { unitsPerMinutePerAccount: 0, unitsPerMinutePerProject: 0 });
    const [practice] = await openPractices(context, 1);
    const claire = await Person.signIn(context.stack, 'claire@cabinet-lumiere.test');
    context.say(`  filling the calendar with ${count} events`);
    await fill(context, practice!, count);
    const rpcs = await rpcCounter(context);
    const imported: Imported[] = [];
    const raw: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      imported.push(await firstImport(context, claire, practice!, rpcs));
      raw.push(await listAndCopy(context, practice!, count));
    }
    const first = imported.map(({ ms }) => ms);
    const pages = Math.ceil(count / PAGE);
    const calls = Math.max(...imported.map((one) => one.rpcs));
    const nothing = await importAgain(context, practice!, rpcs);
    const told = await toldByPush(context, practice!);
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
        atMost(`RPC round trips a page of ${PAGE}`, calls / pages, 3),
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

async function asOwner(
  context: BenchContext,
  practice: Practice,
  path: string,
  init: RequestInit = {},
): Promise<Response> {
  const { access_token } = await google(context.stack, 'token', { email: practice.account });
  return await fetch(`${context.stack.google.url}/calendar/v3/calendars/${practice.account}/${path}`, {
    ...init,
    headers: { authorization: `Bearer ${access_token}`, 'content-type': 'application/json' },
  });
}

async function fill(context: BenchContext, practice: Practice, count: number): Promise<void> {
  let next = 0;
  const lane = async () => {
    for (let index = next++; index < count; index = next++) {
      const start = at(index, count);
      const { status, body } = await asOwner(context, practice, 'events', {
        method: 'POST',
        body: JSON.stringify({
          summary: `Réunion ${index}`,
          description: 'Ordre du jour : le point sur les commandes, puis les congés de l’équipe',
          location: 'Salle de réunion, 12 rue de la Paix, Paris',
          start: { dateTime: start },
          end: { dateTime: new Date(Date.parse(start) + 1_800_000).toISOString() },
        }),
      });
      await body?.cancel();
      if (status !== 200) throw new Error(`Fill the calendar: ${status}`);
    }
  };
  await Promise.all(Array.from({ length: 8 }, lane));
}

/** Calls of our own functions, as Postgres counts them. */
async function rpcCounter({ sql }: BenchContext): Promise<() => Promise<number>> {
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

const apiCalls = async ({ stack }: BenchContext): Promise<number> =>
  (await google(stack, 'state?only=timing')).timing.requests;

async function firstImport(
  context: BenchContext,
  claire: Person,
  practice: Practice,
  rpcs: () => Promise<number>,
): Promise<Imported> {
  const { sql } = context;
  await sql`delete from public.external_events where true`;
  await sql`delete from private.calendar_cursors where true`;
  await sql`vacuum analyze public.external_events, private.import_staging, public.sync_run_items`;
  const pid = context.stack.functionPids()['google-import'];
  const before = { rpcs: await settledCount(rpcs), calls: await apiCalls(context) };
  const idleMb = await memory(pid, 'VmRSS');
  await forgetPeak(pid);
  let created = 0;
  const ms = await timed(async () => {
    const answer = await claire.call('google-import/import', {
      body: { calendarId: practice.account, mode: 'import', ...window() },
      headers: { 'x-organisation-id': practice.organisationId },
    });
    if (answer.status !== 200) throw new Error(`Import: ${answer.status} ${JSON.stringify(answer.body)}`);
    created = answer.body.created;
  });
  const [stored] = await sql`select count(*)::integer as n from public.external_events`;
  if (stored!.n !== created) throw new Error(`Import: ${stored!.n} events are stored, ${created} were reported`);
  const peakMb = await memory(pid, 'VmHWM');
  return {
    ms,
    peakMb,
    idleMb,
    rpcs: await settledCount(rpcs) - before.rpcs,
    apiCalls: await apiCalls(context) - before.calls,
  };
}

/** In MB; null where the system does not tell. */
async function memory(pid: number | undefined, field: string): Promise<number | null> {
  const status = await Deno.readTextFile(`/proc/${pid}/status`).catch(() => '');
  const [, kilobytes] = new RegExp(`${field}:\\s+(\\d+) kB`).exec(status) ?? [];
  return kilobytes === undefined ? null : Number(kilobytes) / 1024;
}
const forgetPeak = (pid: number | undefined) => Deno.writeTextFile(`/proc/${pid}/clear_refs`, '5').catch(() => {});

async function listAndCopy(context: BenchContext, practice: Practice, count: number): Promise<number> {
  const sql = postgres(context.stack.adminDbUrl, { max: 1, onnotice: () => {} });
  try {
    await sql`create unlogged table if not exists public.bench_copied (id text, etag text, status text, summary text, description text,
      location text, start_at timestamptz, end_at timestamptz, updated_at timestamptz)`;
    await sql`truncate public.bench_copied`;
    const ms = await timed(async () => {
      let token: string | undefined;
      do {
        const query = new URLSearchParams({ singleEvents: 'true', maxResults: String(PAGE), ...window() });
        if (token) query.set('pageToken', token);
        const page = await (await asOwner(context, practice, `events?${query}`)).json();
        const lines = page.items.map((event: Record<string, never>) =>
          [
            event['id'],
            event['etag'],
            event['status'],
            event['summary'],
            event['description'],
            event['location'],
            event['start']!['dateTime'],
            event['end']!['dateTime'],
            event['updated'],
          ].join('\t') + '\n'
        );
        const copy = await sql`copy public.bench_copied from stdin`.writable();
        await new Promise<void>((resolve, reject) => {
          copy.on('error', reject).on('finish', () => resolve()).end(lines.join(''));
        });
        token = page.nextPageToken;
      } while (token);
    });
    const [row] = await sql`select count(*)::integer as n from public.bench_copied`;
    if (row!.n !== count) throw new Error(`List and copy: ${row!.n} of ${count} events`);
    await sql`drop table public.bench_copied`;
    return ms;
  } finally {
    await sql.end();
  }
}

async function importAgain(context: BenchContext, practice: Practice, rpcs: () => Promise<number>) {
  const { sql } = context;
  await sql`update public.calendar_integrations set import_enabled = true, import_range_default = '30d'
    where id = ${practice.integrationId}`;
  const run = async () => {
    const [due] = await sql`update private.calendar_cursors set next_poll_at = private.clock() - interval '1 second'
      where integration_id = ${practice.integrationId} returning next_poll_at`;
    await context.stack.runCron('cassius-import-sweep');
    await until('the poll', async () => {
      const [row] = await sql`select 1 from private.calendar_cursors where integration_id = ${practice.integrationId}
        and next_poll_at > ${due!['next_poll_at']} and lease_owner is null`;
      return row !== undefined;
    });
  };
  await run(); // opens the channel
  const before = { rpcs: await settledCount(rpcs), calls: await apiCalls(context) };
  await run();
  return { rpcs: await settledCount(rpcs) - before.rpcs, apiCalls: await apiCalls(context) - before.calls };
}

async function toldByPush(context: BenchContext, practice: Practice): Promise<number[]> {
  const { sql } = context;
  const rounds = context.quick ? 20 : 100;
  const found = await sql`select external_event_id as id from public.external_events order by start_at limit ${rounds}`;
  const times: number[] = [];
  for (const [round, { id }] of found.entries()) {
    const title = `Déplacée ${round}`;
    const started = performance.now();
    const answer = await asOwner(context, practice, `events/${id}`, {
      method: 'PATCH',
      body: JSON.stringify({ summary: title }),
    });
    await answer.body?.cancel();
    await until('the change', async () => {
      const [row] =
        await sql`select 1 from public.external_events where external_event_id = ${id} and summary = ${title}`;
      return row !== undefined;
    }, { everyMs: 5 });
    times.push(performance.now() - started);
  }
  return times;
}

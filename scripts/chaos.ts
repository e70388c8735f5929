/**
 * Kills the functions where the platform would: `npm run chaos [-- --cpu 2000,1000] [--only drain,one_off]
 * [--provider google|microsoft] [--quick]`. Supabase ends an isolate at 2 s of CPU over its life; here the main thread of
 * each function's process is measured, told of the end at nine tenths (`beforeunload`), and killed at the limit. Work that
 * many times larger than one life must end all the same, with nothing doubled and nothing lost. Prints kills and repeated
 * calls. Needs Linux: CPU is read from /proc.
 */
import { tmpdir } from 'node:os';
import { parseArgs } from 'node:util';
import postgres from 'postgres';
import { googleStage } from '../bench/google_stage.ts';
import { until } from '../bench/measure.ts';
import { microsoftStage } from '../bench/microsoft_stage.ts';
import { book, liftQuotas, openPractices, type Practice, startOver, waiting } from '../bench/practices.ts';
import { mainThreadCpuMs } from '../bench/process_figures.ts';
import type { ProviderStage } from '../bench/provider_stage.ts';
import { freePortBase } from '../local/ports.ts';
import { type Stack, startStack } from '../local/stack.ts';
import { print, warn } from '../local/terminal.ts';
import { Person } from '../tests/functions/person.ts';

const STAGES: readonly ProviderStage[] = [googleStage, microsoftStage];
/** The longest that one piece of work may take. */
const LIMIT_MS = 15 * 60_000;
const DAY = 86_400_000;

interface Chaos {
  readonly stack: Stack;
  readonly stage: ProviderStage;
  readonly sql: postgres.Sql;
  readonly practice: Practice;
  readonly person: Person;
  /** Events or appointments of each piece of work. */
  readonly scale: number;
}

interface Ended {
  /** What should be there, and what is. */
  readonly wanted: number;
  readonly found: number;
  /** Requests that the provider was sent more than once, or more often than an undisturbed run sends them. */
  readonly repeated: number;
}

interface Work {
  readonly name: string;
  readonly title: string;
  run(chaos: Chaos): Promise<Ended>;
}

const WORKS: readonly Work[] = [
  {
    name: 'drain',
    title: 'a drain of 10,000',
    async run({ stage, stack, sql, practice, scale }) {
      const count = 10_000 * scale;
      await book(sql, practice, count);
      await sweepUntil(stack, 'cassius-sweep', 'the backlog to be gone', async () => await waiting(sql) === 0);
      const { inserts, events } = await stage.readCounters(stack);
      return { wanted: count, found: events, repeated: inserts - count };
    },
  },
  {
    name: 'followed',
    title: 'a followed import of 10,000',
    async run({ stage, stack, sql, practice, scale }) {
      const count = 10_000 * scale;
      await fill(stage, stack, practice, count, 29);
      await sql`update public.calendar_integrations set import_enabled = true, import_range_default = '30d',
        calendar_source_id = ${practice.account.calendarId}, calendar_source_name = 'Agenda'
        where id = ${practice.integrationId}`;
      await sql`update private.calendar_cursors set next_poll_at = private.clock() where true`;
      await sweepUntil(stack, 'cassius-import-sweep', 'the reading', () => isRead(sql, practice));
      return { wanted: count, found: await imported(sql), repeated: await readAgain(sql, count) };
    },
  },
  {
    name: 'one_off',
    title: 'a one-off import of 50,000',
    async run({ stage, stack, sql, practice, person, scale }) {
      const count = 50_000 * scale;
      await fill(stage, stack, practice, count, 300);
      const answer = await ask(person, practice, 'import');
      // The isolate may die under the request; what was asked for goes on all the same.
      if (answer.status !== 200 && answer.status < 500) throw new Error(`Import: ${JSON.stringify(answer.body)}`);
      await sweepUntil(stack, 'cassius-import-sweep', 'the import', async () => {
        const [run] = await sql`select 1 from public.sync_runs where mode = 'import' and trigger = 'manual'
          and finished_at is not null and error is null`;
        return run !== undefined;
      });
      return { wanted: count, found: await imported(sql), repeated: await readAgain(sql, count) };
    },
  },
  {
    name: 'preview',
    title: 'a preview of 10,000',
    async run({ stage, stack, sql, practice, person, scale }) {
      const count = 10_000 * scale;
      await fill(stage, stack, practice, count, 300);
      let created = 0;
      await sweepUntil(stack, 'cassius-import-sweep', 'the preview', async () => {
        const answer = await ask(person, practice, 'preview');
        if (answer.status >= 500) return false;
        if (answer.status !== 200) throw new Error(`Preview: ${JSON.stringify(answer.body)}`);
        created = answer.body.created;
        return answer.body.remaining === false;
      });
      if (await imported(sql) !== 0) throw new Error('Preview: it stored events');
      return { wanted: count, found: created, repeated: await readAgain(sql, count) };
    },
  },
];

/** Runs the minute's sweep every second, which is faster than life, until the work is done. */
async function sweepUntil(stack: Stack, job: string, what: string, done: () => Promise<boolean>): Promise<void> {
  let sweptAt = 0;
  await until(what, async () => {
    if (performance.now() - sweptAt > 1_000) {
      sweptAt = performance.now();
      await stack.runCron(job);
    }
    return await done();
  }, { everyMs: 100, limitMs: LIMIT_MS });
}

async function fill(stage: ProviderStage, stack: Stack, practice: Practice, count: number, days: number) {
  const calendar = await stage.openCalendar(stack, practice.account);
  let next = 0;
  const lane = async () => {
    for (let index = next++; index < count; index = next++) {
      const from = Date.now() + DAY + index * (days - 2) * DAY / count;
      const answer = await calendar.insert({
        title: `Réunion ${index}`,
        description: 'Ordre du jour',
        location: 'Salle 1',
        startsAt: new Date(from - from % 60_000).toISOString(),
        endsAt: new Date(from - from % 60_000 + 1_800_000).toISOString(),
      });
      await answer.body?.cancel();
      if (!answer.ok) throw new Error(`Fill the calendar: ${answer.status}`);
    }
  };
  await Promise.all(Array.from({ length: 8 }, lane));
}

function ask(person: Person, practice: Practice, mode: 'import' | 'preview') {
  return person.use('import/import', {
    body: {
      calendarId: practice.account.calendarId,
      mode,
      timeMin: new Date(Math.floor(Date.now() / DAY) * DAY).toISOString(),
      timeMax: new Date(Math.floor(Date.now() / DAY) * DAY + 310 * DAY).toISOString(),
    },
    headers: { 'x-organisation-id': practice.organisationId },
  });
}

async function isRead(sql: postgres.Sql, practice: Practice): Promise<boolean> {
  const [cursor] = await sql`select 1 from private.calendar_cursors c where c.integration_id = ${practice.integrationId}
    and c.sync_token is not null and not exists (
      select from private.import_runs r where r.integration_id = c.integration_id and r.calendar_id = c.calendar_id)`;
  return cursor !== undefined;
}

async function imported(sql: postgres.Sql): Promise<number> {
  const [row] = await sql`select count(*)::integer as n from public.external_events where status <> 'cancelled'`;
  return row!.n;
}

/** Events that were read more often than once. */
async function readAgain(sql: postgres.Sql, count: number): Promise<number> {
  const [row] = await sql`select coalesce(sum(events), 0)::integer as n from public.sync_runs`;
  return Math.max(0, row!.n - count);
}

/** Plays the platform's limit on every function of the stack. */
class CpuLimit {
  kills = 0;
  readonly #retiring: Promise<void>[] = [];
  #told = new Set<number>();
  #over = false;
  readonly #watching: Promise<void>;

  constructor(private readonly stack: Stack, private readonly limitMs: number) {
    this.#watching = this.#watch();
  }

  async end(): Promise<void> {
    this.#over = true;
    await this.#watching;
    await Promise.all(this.#retiring);
  }

  async #watch(): Promise<void> {
    while (!this.#over) {
      for (const [name, pid] of Object.entries(this.stack.functionPids())) this.#judge(name, pid);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  #judge(name: string, pid: number): void {
    const spent = mainThreadCpuMs(pid);
    if (spent === null) return;
    if (spent >= this.limitMs) {
      if (kill(pid)) this.kills += 1;
    } else if (spent >= this.limitMs * 0.9 && !this.#told.has(pid)) {
      // Told of its end, it gets no new requests, and is killed a moment later.
      this.#told.add(pid);
      this.kills += 1;
      this.#retiring.push(this.stack.retireFunction(name));
    }
  }
}

function kill(pid: number): boolean {
  try {
    Deno.kill(pid, 'SIGKILL');
    return true;
  } catch {
    return false; // it has ended by itself
  }
}

function chosen<Item extends { readonly name: string }>(items: readonly Item[], names: string | undefined): Item[] {
  if (names === undefined) return [...items];
  return names.split(',').map((name) => {
    const item = items.find((one) => one.name === name);
    if (item === undefined) throw new TypeError(`There is no ${name}, only ${items.map((one) => one.name).join(', ')}`);
    return item;
  });
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    args: Deno.args,
    options: {
      cpu: { type: 'string', default: '2000,1000' },
      only: { type: 'string' },
      provider: { type: 'string' },
      quick: { type: 'boolean', default: false },
    },
  });
  const stages = STAGES.filter(({ provider }) => values.provider === undefined || values.provider === provider);
  const stateDir = await Deno.makeTempDir({ dir: tmpdir(), prefix: 'cassius-chaos-' });
  const stack = await startStack({ portBase: freePortBase(), web: false, quiet: true, stateDir });
  const sql = postgres(stack.adminDbUrl, { max: 2, onnotice: () => {} });
  let failed = 0;
  try {
    for (const stage of stages) {
      for (const limitMs of values.cpu.split(',').map(Number)) {
        for (const work of chosen(WORKS, values.only)) {
          if (!await play({ stack, stage, sql, work, limitMs, scale: values.quick ? 0.2 : 1 })) failed += 1;
        }
      }
    }
  } finally {
    await sql.end();
    await stack.stop();
    await Deno.remove(stateDir, { recursive: true });
  }
  print(failed === 0 ? 'All ended, nothing doubled, nothing lost' : `${failed} went wrong`);
  if (failed > 0) Deno.exit(1);
}

interface Play extends Pick<Chaos, 'stack' | 'stage' | 'sql' | 'scale'> {
  readonly work: Work;
  readonly limitMs: number;
}

async function play({ stack, stage, sql, work, limitMs, scale }: Play): Promise<boolean> {
  const context = { stack, stage, sql, quick: false, full: false, calendars: null, say: print };
  await startOver(context);
  await sql`delete from public.sync_runs where true`;
  await liftQuotas(context);
  const [practice] = await openPractices(context, 1);
  const person = (await Person.signIn(stack, practice!.account.login)).at(stage.provider);
  const limit = new CpuLimit(stack, limitMs);
  const startedAt = performance.now();
  const about = `${stage.name}, killed at ${limitMs} ms of CPU: ${work.title}${scale === 1 ? '' : ` × ${scale}`}`;
  try {
    const { wanted, found, repeated } = await work.run({ stack, stage, sql, practice: practice!, person, scale });
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(0);
    print(`${about}: ${found} of ${wanted}, ${limit.kills} kills, ${repeated} repeated, ${seconds} s`);
    return found === wanted;
  } catch (error) {
    warn(`${about}: ${error instanceof Error ? error.message : String(error)} (${limit.kills} kills)`);
    return false;
  } finally {
    await limit.end();
  }
}

await main();

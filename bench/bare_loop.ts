/** One account's backlog, drained by the worker and by a loop that sends the same batches and writes a row an event. */
import { DatabaseCpu } from './database_cpu.ts';
import { atMost, type BenchContext, type BenchReport, timed, until } from './measure.ts';
import { book, exportOnly, liftQuotas, openPractices, type Practice, startOver } from './practices.ts';
import { appointment } from './plain_events.ts';

interface Cost {
  readonly rows: number;
  readonly ms: number;
  /** Of the database, an event; NaN where the system does not tell. */
  readonly cpuMs: number;
}

export async function againstBareLoop(context: BenchContext, latencyMs: number): Promise<BenchReport> {
  const sizes = context.quick ? [200, 2_000] : [1_000, 10_000];
  const worker: Cost[] = [];
  const loop: Cost[] = [];
  for (const rows of sizes) {
    worker.push(await drainOne(context, rows, latencyMs));
    loop.push(await insertInBatches(context, rows, latencyMs));
  }
  const [small, large] = [worker[0]!, worker[1]!];
  const bare = loop[1]!;
  const each = ({ ms, rows }: Cost) => ms / rows;
  return {
    figures: [
      ...worker.flatMap(({ rows, ms, cpuMs }) => [
        { what: `one account, worker: ${rows} rows`, value: ms / 1000, unit: 's' },
        { what: `one account, worker: database CPU an event of ${rows}`, value: cpuMs, unit: 'ms' },
      ]),
      ...loop.flatMap(({ rows, ms, cpuMs }) => [
        { what: `one account, loop of batches: ${rows} events`, value: ms / 1000, unit: 's' },
        { what: `one account, loop of batches: database CPU an event of ${rows}`, value: cpuMs, unit: 'ms' },
      ]),
    ],
    claims: [
      atMost(`one account: time for ${large.rows}, worker / loop of batches`, large.ms / bare.ms, 1.3),
      atMost(`one account: ms of database CPU an event of ${large.rows}`, large.cpuMs, 0.35),
      atMost(`one account: database CPU an event, of ${large.rows} / of ${small.rows}`, large.cpuMs / small.cpuMs, 1.1),
      atMost(`one account: time an event, of ${large.rows} / of ${small.rows}`, each(large) / each(small), 1.1),
    ],
  };
}

/** A connection with a backlog, and nothing under way. */
async function prepare(context: BenchContext, rows: number, latencyMs: number): Promise<Practice> {
  const { stack, stage, sql } = context;
  await startOver(context);
  await liftQuotas(context);
  const [practice] = await openPractices(context, 1);
  await stack.stopFunctions();
  await exportOnly(sql);
  if (rows > 0) await book(sql, practice!, rows);
  await until(
    'the nudges to be over',
    async () => (await sql`select from net.http_request_queue limit 1`).length === 0,
  );
  await stack.startFunctions();
  await stage.slowDown(stack, latencyMs);
  return practice!;
}

async function drainOne(context: BenchContext, rows: number, latencyMs: number): Promise<Cost> {
  const { sql } = context;
  await prepare(context, rows, latencyMs);
  const cpu = await DatabaseCpu.of(sql);
  context.say(`  one account: draining ${rows} rows`);
  const before = cpu?.total() ?? NaN;
  const ms = await timed(async () => {
    await sql`select private.sweep()`;
    await until(
      'the backlog to be gone',
      async () => (await sql`select from private.sync_outbox where parked_at is null limit 1`).length === 0,
      { everyMs: 50, limitMs: 600_000 },
    );
  });
  return { rows, ms, cpuMs: ((cpu?.total() ?? NaN) - before) / rows };
}

async function insertInBatches(context: BenchContext, rows: number, latencyMs: number): Promise<Cost> {
  const { stack, stage, sql } = context;
  const { integrationId, account: { calendarId } } = await prepare(context, 0, latencyMs);
  const [credential] = await sql`select public.integration_credential(${integrationId}) ->> 'accessToken' as token`;
  await sql`drop table if exists public.bench_events`;
  await sql`create table public.bench_events (
    id uuid primary key, event_id text not null unique, version text not null, content text not null)`;
  const cpu = await DatabaseCpu.of(sql);
  context.say(`  one account: ${rows} events in batches of ${stage.batchSize}`);
  const spent = () => cpu === null ? NaN : cpu.total() + cpu.observer();
  const before = spent();
  const ms = await timed(async () => {
    for (let first = 0; first < rows; first += stage.batchSize) {
      const events = Array.from(
        { length: Math.min(stage.batchSize, rows - first) },
        (_, at) => appointment(first + at),
      );
      const inserted = await stage.insertBatchAsApp(stack, credential!['token'], calendarId, events);
      if (inserted.length !== events.length) {
        throw new Error(`Insert a batch: ${inserted.length} events instead of ${events.length}`);
      }
      const stored = inserted.map(({ id, version }, at) => (
        { id: crypto.randomUUID(), event_id: id, version, content: JSON.stringify(events[at]) }
      ));
      await sql`insert into public.bench_events ${sql(stored)}`;
    }
  });
  const cpuMs = (spent() - before) / rows;
  await sql`drop table public.bench_events`;
  return { rows, ms, cpuMs };
}

/** (a) What the sync adds to writing appointments, against nothing and against a webhook for each row. */
import { atLeast, atMost, type Bench, type BenchContext, exactly, median } from './measure.ts';
import { openPractices, type Practice, removeAppointments, startOver } from './practices.ts';
import { openWritingClient, type WritingClient } from './writing_client.ts';

const MODES = ['off', 'on', 'webhook'] as const;
type Mode = (typeof MODES)[number];

interface Sample {
  readonly ms: number;
  readonly requests: number;
}
type Samples = Record<Mode, Sample[]>;

const BLOCK = 10;

export const insertCost: Bench = {
  name: 'insert_cost',
  title: 'Writing appointments: sync on, off, and a webhook for each row',
  perProvider: false,
  async run(context) {
    const singles = context.quick ? 40 : 200;
    const bulk = context.quick ? 1_000 : 10_000;
    await startOver(context);
    const [practice] = await openPractices(context, 1);
    await prepare(context);
    const client = openWritingClient(context.stack.adminDbUrl);
    try {
      context.say(`  one row at a time × ${singles}`);
      const single = await measure(context, client, practice!, { rows: 1, times: singles, block: BLOCK });
      context.say(`  ${bulk} rows in one statement × 3`);
      const many = await measure(context, client, practice!, { rows: bulk, times: 3, block: 1 });
      return report(single, many, bulk);
    } finally {
      client.close();
      await restore(context);
    }
  },
};

/** The database webhook as Supabase makes it, switched off; nothing answers, and no job runs in between. */
async function prepare({ stack, sql }: BenchContext): Promise<void> {
  await stack.stopFunctions();
  await sql`update cron.job set active = false`;
  await sql`create schema if not exists bench`;
  await sql.unsafe(`
    create or replace function bench.webhook() returns trigger language plpgsql security definer as $$
    begin
      perform net.http_post(
        url := '${stack.apiUrl}/functions/v1/google-sync',
        body := jsonb_build_object(
          'old_record', null, 'record', new, 'type', tg_op, 'table', tg_table_name, 'schema', tg_table_schema
        ),
        headers := '{"content-type": "application/json"}'::jsonb,
        timeout_milliseconds := 5000
      );
      return new;
    end $$;
    create or replace trigger bench_webhook after insert on public.rdv for each row execute function bench.webhook();
    alter table public.rdv disable trigger bench_webhook`);
}

async function restore({ stack, sql }: BenchContext): Promise<void> {
  await switchTo(sql, 'on');
  await sql`truncate net.http_request_queue`;
  await sql`drop schema bench cascade`;
  await sql`update cron.job set active = true`;
  await stack.startFunctions();
}

async function switchTo(sql: BenchContext['sql'], mode: Mode): Promise<void> {
  const sync = mode === 'on' ? 'enable' : 'disable';
  const webhook = mode === 'webhook' ? 'enable' : 'disable';
  await sql.unsafe(`
    alter table public.rdv ${sync} trigger rdv_mark_inserted, ${sync} trigger rdv_mark_updated,
      ${sync} trigger rdv_mark_deleted, ${webhook} trigger bench_webhook`);
}

/** The modes take turns in short blocks, so that whatever drifts on this machine meets all of them alike. */
async function measure(
  { sql }: BenchContext,
  client: WritingClient,
  practice: Practice,
  { rows, times, block }: { rows: number; times: number; block: number },
): Promise<Samples> {
  const samples: Samples = { off: [], on: [], webhook: [] };
  for (let round = -1; round < times / block; round++) {
    for (const mode of rotated(round)) {
      await switchTo(sql, mode);
      await client.book(practice, 1); // plans anew what the switch made stale
      await settle(sql);
      for (let index = 0; index < block; index++) {
        const before = await lastRequest(sql);
        const ms = await client.book(practice, rows);
        const requests = await lastRequest(sql) - before;
        if (round >= 0) samples[mode].push({ ms, requests }); // the first round warms up
        await settle(sql);
      }
      await removeAppointments(sql);
      await sql`truncate private.sync_outbox`;
      await sql`vacuum public.rdv`;
      await sql`checkpoint`;
    }
  }
  return samples;
}

function rotated(round: number): readonly Mode[] {
  const first = (round + MODES.length) % MODES.length;
  return [...MODES.slice(first), ...MODES.slice(0, first)];
}

/**
 * What was queued must not run into the next measurement. It is thrown away: the second that pg_net rests would leave the modes
 * that queue something with a server gone cold.
 */
async function settle(sql: BenchContext['sql']): Promise<void> {
  await sql`truncate net.http_request_queue`;
}

/** Ids of requests come from a sequence: it counts them even when they have left already. */
async function lastRequest(sql: BenchContext['sql']): Promise<number> {
  const [row] = await sql`
    select case when is_called then last_value else 0 end::integer as last from net.http_request_queue_id_seq`;
  return row!.last;
}

function report(single: Samples, many: Samples, bulk: number) {
  const ms = (samples: readonly Sample[]) => median(samples.map((sample) => sample.ms));
  const cost = (samples: Samples, mode: Mode) => ms(samples[mode]) - ms(samples.off);
  const most = Math.max(...[...single.on, ...many.on].map((sample) => sample.requests));
  const least = Math.min(...[...single.on, ...many.on].map((sample) => sample.requests));
  return {
    figures: MODES.flatMap((mode) => [
      { what: `one row, ${mode}, median`, value: ms(single[mode]), unit: 'ms' },
      { what: `${bulk} rows, ${mode}, median`, value: ms(many[mode]), unit: 'ms' },
      { what: `requests, ${bulk} rows, ${mode}`, value: median(many[mode].map((s) => s.requests)), unit: '' },
    ]),
    claims: [
      atMost('one row, on / off', ms(single.on) / ms(single.off), 2.5),
      atMost(`${bulk} rows, on / off`, ms(many.on) / ms(many.off), 3.5),
      atLeast(`${bulk} rows, what webhooks add / what the sync adds`, cost(many, 'webhook') / cost(many, 'on'), 3),
      exactly('HTTP requests a statement, fewest', least, 1),
      exactly('HTTP requests a statement, most', most, 1),
    ],
  };
}

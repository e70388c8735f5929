/** (g) What one page of an import costs, overlaps and all, however many events are stored. */
import { stagedColumns } from '../supabase/functions/_shared/db/staged_columns.ts';
import type { StagedEvent } from '../supabase/functions/_shared/sync/inbound/port.ts';
import { atMost, type Bench, type BenchContext, type BenchReport, median, timed } from './measure.ts';
import { openPractices, type Practice, startOver, withoutTriggers } from './practices.ts';
import { stagedMeeting } from './staged_meeting.ts';

const PAGE = 2_500;
const APPOINTMENTS = 500;
const ROUNDS = 9;
const WARM_UP = 3;
const CHUNK = 100_000;

interface Cost {
  readonly stored: number;
  readonly page: number;
  readonly overlaps: number;
}

export const overlapCost: Bench = {
  name: 'overlap_cost',
  title: `Importing a page of ${PAGE} events across ${APPOINTMENTS} appointments, among many stored events`,
  perProvider: false,
  async run(context) {
    const sizes = context.quick ? [1_000, 100_000] : [1_000, 100_000, 1_000_000];
    await startOver(context);
    const [practice] = await openPractices(context, 1);
    await context.stack.stopFunctions();
    try {
      await appointments(context, practice!);
      const costs: Cost[] = [];
      let filled = 0;
      for (const stored of sizes) {
        context.say(`  ${stored} stored events`);
        await fill(context, practice!, filled, stored);
        filled = stored;
        costs.push({ stored, ...await measure(context, practice!) });
      }
      return report(costs);
    } finally {
      await context.stack.startFunctions();
    }
  },
};

function report(costs: readonly Cost[]): BenchReport {
  const [smallest, ...larger] = costs;
  return {
    figures: costs.flatMap(({ stored, page, overlaps }) => [
      { what: `${stored} stored events: a page, median`, value: page, unit: 'ms' },
      { what: `${stored} stored events: finding overlaps alone, median`, value: overlaps, unit: 'ms' },
    ]),
    claims: larger.flatMap(({ stored, page, overlaps }) => [
      atMost(`a page, ${stored} / ${smallest!.stored} stored events`, page / smallest!.page, 1.5),
      atMost(`overlaps, ${stored} / ${smallest!.stored} stored events`, overlaps / smallest!.overlaps, 1.5),
    ]),
  };
}

async function appointments({ sql }: BenchContext, practice: Practice): Promise<void> {
  await withoutTriggers(sql, (transaction) =>
    transaction`
    insert into public.rdv (organisation_id, practitioner_id, starts_at, ends_at)
    select ${practice.organisationId}::uuid, ${practice.memberId}::uuid, t.at, t.at + interval '30 minutes'
    from generate_series(1, ${APPOINTMENTS}) n
    cross join lateral (select date_trunc('hour', now()) + n * interval '1 hour' as at) t`);
}

/** The years before: the same calendar's past, which grows while the window stays. */
async function fill({ stage, sql }: BenchContext, practice: Practice, from: number, to: number): Promise<void> {
  await sql`set synchronous_commit = off`;
  for (let first = from + 1; first <= to; first += CHUNK) {
    await withoutTriggers(sql, (transaction) =>
      transaction`
      insert into public.external_events (organisation_id, integration_id, user_id, provider, external_calendar_id, external_event_id,
        etag, status, kind, summary, start_at, end_at, visibility, availability, last_synced_at)
      select i.organisation_id, i.id, i.user_id, ${stage.provider}, ${practice.account.calendarId}, 'stored' || n, '"1"', 'confirmed', 'appointment', 'Réunion',
        now() - interval '2 days' - n * interval '10 minutes', now() - interval '2 days' - (n - 3) * interval '10 minutes',
        'normal', 'busy', now()
      from public.calendar_integrations i, generate_series(${first}::integer, ${
        Math.min(to, first + CHUNK - 1)
      }::integer) n
      where i.id = ${practice.integrationId}`);
  }
  await sql`set synchronous_commit = on`;
  await sql`vacuum analyze public.external_events, public.rdv, private.import_staging`;
  await sql`checkpoint`;
}

const pageOf = (round: number): StagedEvent[] =>
  Array.from({ length: PAGE }, (_, n) =>
    stagedMeeting({
      eventId: `page${n}`,
      etag: `"${round}"`,
      title: `Réunion ${n}`,
      startsAt: Math.floor(Date.now() / 3_600_000) * 3_600_000 + 3_600_000 + n * 600_000,
      minutes: 20,
      availability: n % 50 === 0 ? 'busy' : 'free',
    }));

async function measure({ stage, sql }: BenchContext, practice: Practice) {
  const pages: number[] = [];
  const overlaps: number[] = [];
  const [integration] =
    await sql`select user_id from public.calendar_integrations where id = ${practice.integrationId}`;
  for (let round = -WARM_UP; round < ROUNDS; round++) {
    await sql`delete from public.external_events where external_event_id like 'page%' and integration_id = ${practice.integrationId}`;
    await sql`delete from public.sync_conflicts where integration_id = ${practice.integrationId}`;
    await sql`delete from private.calendar_cursors where integration_id = ${practice.integrationId}`;
    const worker = crypto.randomUUID();
    const [begun] = await sql`select public.import_begin(${practice.organisationId}, ${
      integration!['user_id']
    }, ${stage.provider}, ${practice.account.calendarId},
      now(), now() + interval '60 days', 'import', ${worker}, 120) as asked`;
    const run: string = begun!['asked'].lane.runId;
    const events = JSON.stringify(stagedColumns(pageOf(round)));
    const page = await timed(async () => {
      await sql`select public.import_stage(${worker}, ${run}, ${events}::text::json, '[]', null)`;
      await sql`select public.import_missing(${worker}, ${run})`;
      await sql`select public.import_ours(${worker}, ${run})`;
      const [done] = await sql`select public.import_finish(${worker}, ${run}, 'token', '[]', 0) as answer`;
      const { created, conflicts } = done!['answer'].summary;
      if (created !== PAGE || conflicts === 0) {
        throw new Error(`Import a page: ${JSON.stringify(done!['answer'].summary)}`);
      }
    });
    // Every appointment changed since the run before: all of them are compared with what is stored.
    await sql`update private.calendar_cursors set checked_at = null where integration_id = ${practice.integrationId}`;
    await sql`delete from public.sync_conflicts where integration_id = ${practice.integrationId}`;
    const search = await timed(() =>
      sql`
      select count(*) from private.new_overlaps(jsonb_populate_record(null::private.import_runs, jsonb_build_object(
        'integration_id', ${practice.integrationId}::text, 'calendar_id', ${practice.account.calendarId}::text,
        'organisation_id', ${practice.organisationId}::text, 'window_from', now(), 'window_to', now() + interval '60 days')))`
    );
    if (round < 0) continue;
    pages.push(page);
    overlaps.push(search);
  }
  return { page: median(pages), overlaps: median(overlaps) };
}

/** Readings of one practice's calendar, by the calls of the database alone. */
import { stagedColumns } from '../supabase/functions/_shared/db/staged_columns.ts';
import type { StagedEvent } from '../supabase/functions/_shared/sync/inbound/port.ts';
import type { BenchContext } from './measure.ts';
import type { Practice } from './practices.ts';

/** Of the channel that tells of it. */
export const SECRET = 'the bench listens';

/** Its own calendar is read too, and a channel tells of it. */
export async function followAndWatch({ sql, stage }: BenchContext, practice: Practice): Promise<void> {
  const { integrationId, organisationId, account: { calendarId } } = practice;
  const [{ user_id }] = await sql`select user_id from public.calendar_integrations where id = ${integrationId}` as [
    { user_id: string },
  ];
  const settings = { import_enabled: true, calendar_source_id: calendarId, calendar_source_name: 'C' };
  await sql`select public.integration_update(${organisationId}, ${user_id}, ${stage.provider}, ${sql.json(settings)})`;
  const channel = {
    channelId: crypto.randomUUID(),
    resourceId: 'r',
    expiresAt: new Date(Date.now() + 5 * 86_400_000).toISOString(),
    secretHash: SECRET,
  };
  await sql`select public.import_watch(${integrationId}, ${calendarId}, ${sql.json(channel)}, false)`;
}

export function overdue({ sql }: BenchContext, practice: Practice): Promise<unknown> {
  return sql`update private.calendar_cursors set next_poll_at = private.clock() - interval '1 second'
    where integration_id = ${practice.integrationId}`;
}

export interface Reading {
  readonly worker: string;
  readonly runId: string;
}

export async function claimCalendar(
  { sql, stage }: BenchContext,
  practice: Practice,
  trigger: 'push' | 'schedule' | null,
): Promise<Reading> {
  const worker = crypto.randomUUID();
  const [row] = await sql`select public.import_claim(${worker}, ${stage.provider}, 8, 60) as claimed`;
  const [lane, ...others] = row!.claimed.lanes;
  if (lane?.integrationId !== practice.integrationId || others.length > 0 || trigger && lane.trigger !== trigger) {
    throw new Error(`Claim the one calendar: ${row!.claimed.lanes.length} came, ${lane?.trigger}`);
  }
  return { worker, runId: lane.runId };
}

/** With what it brought, and nothing of that judged. */
export async function endReading(
  { sql }: BenchContext,
  { worker, runId }: Reading,
  events: readonly StagedEvent[] = [],
): Promise<void> {
  const page = JSON.stringify(stagedColumns(events));
  await sql`select public.import_stage(${worker}, ${runId}, ${page}::text::json, '[]', null, 1, 'token')`;
  if (events.length > 0) await sql`select public.import_ours(${worker}, ${runId})`;
  const [row] = await sql`select public.import_finish(${worker}, ${runId}, 'token', '[]', 0) as answer`;
  if (row!.answer.lost) throw new Error('End the reading: it was lost');
}

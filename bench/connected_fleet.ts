/** Connected practices by the thousand, seeded in sets: the bench's own, numbered, and gone in a moment. */
import type { BenchContext } from './measure.ts';
import { callsAreOver, type Practice, withoutTriggers } from './practices.ts';
import type { Account } from './provider_stage.ts';

/** What lets functions work on the practices of a fleet. */
export interface Workable {
  /** Whose grant they have, and whose reading of a calendar. */
  readonly like: Practice;
  /** Each has a calendar of its own at the provider, which is still to be read; or all have that of `like`. */
  readonly calendars: 'own' | 'shared';
  /** Their access tokens have ended, as after a night. */
  readonly expired?: boolean;
}

/**
 * Practices that are connected, followed, watched, and have nothing to do. Of those that nothing says of how to work on
 * them no token is known: nothing may become due of them.
 */
export async function seedFleet(
  { sql, stage }: BenchContext,
  { from, to }: { from: number; to: number },
  workable: Workable | null,
): Promise<void> {
  if (to < from) return;
  const [{ user_id }] = await sql`select user_id from public.calendar_integrations
    where ${workable === null} or id = ${workable?.like.integrationId ?? null} limit 1` as [{ user_id: string }];
  const shared = workable?.calendars === 'shared' ? workable.like.account.calendarId : null;
  await sql`set synchronous_commit = off`;
  await withoutTriggers(sql, async (transaction) => {
    await transaction`
      create temporary table seeded on commit drop as
      select n, gen_random_uuid() as organisation, gen_random_uuid() as integration,
        coalesce(${shared}::text, ${FLEET} || n) as calendar
      from generate_series(${from}::integer, ${to}::integer) n`;
    await transaction`
      insert into public.organisations (id, name) select organisation, 'Bench fleet ' || n from seeded`;
    await transaction`
      insert into public.calendar_integrations (id, organisation_id, user_id, provider, account_id, export_enabled,
        export_from, calendar_target_id, event_detail, import_enabled, calendar_source_id, two_way)
      select integration, organisation, ${user_id}::uuid, ${stage.provider}, ${FLEET} || n, true, now(), calendar,
        'full', true, calendar, 'auto' from seeded`;
    await transaction`
      insert into private.sync_lanes (integration_id, organisation_id, provider, reachable)
      select integration, organisation, ${stage.provider}, true from seeded`;
    await transaction`
      insert into private.calendar_cursors (integration_id, calendar_id, organisation_id, provider, sync_token,
        window_from, window_to, read_to, covers_events, next_poll_at, followed)
      select integration, calendar, organisation, ${stage.provider}, 'token', now() - interval '1 day',
        now() + interval '30 days', now() + interval '1 year', true, now() + interval '1 hour' + random() * interval '3 hours',
        'source' from seeded`;
    await transaction`
      insert into private.watch_channels (channel_id, integration_id, calendar_id, provider, resource_id, secret_hash,
        expires_at, created_at)
      select gen_random_uuid()::text, integration, calendar, ${stage.provider}, 'r' || n,
        encode(extensions.digest('secret' || n, 'sha256'), 'hex'), now() + interval '5 days', now() from seeded`;
    if (workable?.calendars !== 'own') {
      // An appointment that is in step, and an event of others: tables are as full as in a fleet.
      await transaction`alter table seeded add rdv uuid default gen_random_uuid(), add link uuid default gen_random_uuid()`;
      await transaction`
        insert into public.rdv (id, organisation_id, starts_at, ends_at)
        select rdv, organisation, now() - interval '1 hour', now() - interval '30 minutes' from seeded`;
      await transaction`
        insert into public.appointment_external_links (id, organisation_id, rdv_id, integration_id, provider,
          external_calendar_id, external_event_id, etag, epoch, sync_status, last_synced_at)
        select link, organisation, rdv, integration, ${stage.provider}, calendar, 'ours-' || n, '1', 1, 'synced', now()
        from seeded`;
      await transaction`insert into private.link_states (link_id, integration_id, state)
        select link, integration, 'live' from seeded`;
      await transaction`
        insert into public.external_events (organisation_id, integration_id, user_id, provider, external_calendar_id,
          external_event_id, etag, status, kind, start_at, end_at, visibility, availability,
          last_synced_at)
        select organisation, integration, ${user_id}::uuid, ${stage.provider}, calendar, 'theirs-' || n, '1',
          'confirmed', 'appointment', now() - interval '1 hour', now() - interval '30 minutes', 'normal', 'busy', now()
        from seeded`;
    }
    if (workable === null) return;
    const { like: { integrationId }, calendars, expired = false } = workable;
    await transaction`
      insert into public.organisation_members (organisation_id, user_id, role, display_name, color)
      select organisation, ${user_id}::uuid, 'admin', 'Dr Camille Bernard', 1 from seeded`;
    await transaction`
      insert into public.patients (organisation_id, first_name, last_name)
      select organisation, 'Amélie', 'Rousseau' from seeded`;
    await transaction`
      insert into private.credentials (integration_id, organisation_id, access_sealed, access_expires_at,
        refresh_sealed, scopes)
      select s.integration, s.organisation,
        private.seal_token(g.token ->> 'accessToken', s.organisation, s.integration, 'access'),
        case when ${expired} then now() - interval '1 hour' else now() + interval '55 minutes' end,
        private.seal_token(g.token ->> 'refreshToken', s.organisation, s.integration, 'refresh'), m.scopes
      from seeded s, (select private.open_credential(${integrationId}) as token) g, private.credentials m
      where m.integration_id = ${integrationId}`;
    if (calendars === 'own') {
      await transaction`delete from private.watch_channels w using seeded s where w.integration_id = s.integration`;
      await transaction`update private.calendar_cursors c set sync_token = null, window_from = null, window_to = null,
          read_to = null, covers_events = false, next_poll_at = now()
        from seeded s where c.integration_id = s.integration`;
    } else {
      await transaction`update private.calendar_cursors c set sync_token = m.sync_token, window_from = m.window_from,
          window_to = m.window_to, read_to = m.read_to, covers_events = m.covers_events, push_proven_at = now()
        from seeded s, private.calendar_cursors m
        where c.integration_id = s.integration and m.integration_id = ${integrationId}
          and m.calendar_id = c.calendar_id`;
    }
  });
  await sql`set synchronous_commit = on`;
  await sql`vacuum analyze public.organisations, public.calendar_integrations, private.sync_lanes,
    private.calendar_cursors, private.watch_channels, private.sync_outbox, private.credentials, public.rdv,
    public.appointment_external_links, private.link_states, public.external_events`;
  await sql`checkpoint`;
}

/** Account and, where it has one of its own, calendar of the n-th practice begin so. */
export const FLEET = 'fleet-';

/** Practices of the fleet, by their numbers, with what booking there needs. */
export async function fleetPractices(
  { sql }: BenchContext,
  { from, to }: { from: number; to: number },
  account: Account,
): Promise<Practice[]> {
  const numbers = Array.from({ length: Math.max(0, to - from + 1) }, (_, at) => `${FLEET}${from + at}`);
  const rows = await sql`
    select i.id, i.organisation_id, i.calendar_target_id, m.id as member, p.id as patient
    from public.calendar_integrations i
    join public.organisation_members m on m.organisation_id = i.organisation_id
    join public.patients p on p.organisation_id = i.organisation_id
    where i.account_id = any (${numbers}) order by i.account_id`;
  return rows.map((row) => ({
    organisationId: row['organisation_id'],
    memberId: row['member'],
    patientId: row['patient'],
    integrationId: row['id'],
    account: { ...account, calendarId: row['calendar_target_id'] },
  }));
}

/** All connections, and what hangs on them: nothing of a fleet is left that a trigger would have to look at row by row. */
export async function removeFleet({ sql }: BenchContext): Promise<void> {
  await callsAreOver(sql);
  await sql`truncate public.calendar_integrations, private.sync_outbox, private.lane_notices, private.calendar_notices,
    private.import_staging, public.sync_run_items, private.account_budgets cascade`;
  await withoutTriggers(sql, async (transaction) => {
    for (const table of ['rdv', 'patients', 'organisation_members']) {
      await transaction`delete from ${transaction(`public.${table}`)} t using public.organisations o
        where o.id = t.organisation_id and o.name like 'Bench fleet %'`;
    }
    await transaction`delete from public.organisations o where o.name like 'Bench fleet %'`;
  });
}

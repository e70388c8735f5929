/** Everything that the invariants look at, read in one go while nothing is under way. */
import type { CalendarEvent } from '../../supabase/functions/_shared/providers/port/calendar.ts';
import type { LinkState } from '../../supabase/functions/_shared/sync/shared/appointment.ts';
import type { World } from './world.ts';

export interface RdvRow {
  readonly id: string;
  readonly organisation_id: string;
  readonly practitioner_id: string | null;
  readonly patient_id: string | null;
  readonly type: string;
  readonly notes: string | null;
  readonly location: string | null;
  readonly starts_at: string;
  readonly ends_at: string;
  readonly status: string;
  readonly source: string;
}

export interface LinkRow {
  readonly rdv_id: string;
  readonly external_calendar_id: string | null;
  readonly external_event_id: string | null;
  readonly epoch: number;
  readonly sync_status: string;
  readonly drifted_at: string | null;
  readonly state: LinkState | null;
  readonly parked: boolean;
}

export interface ExternalRow {
  readonly external_calendar_id: string;
  readonly external_event_id: string;
  readonly status: string;
  readonly summary: string | null;
  readonly start_at: string;
  readonly end_at: string;
  readonly all_day: boolean;
  readonly visibility: string;
  readonly cassius_appointment_id: string | null;
  readonly became_rdv_at: string | null;
  readonly detached_at: string | null;
}

export interface ConflictRow {
  readonly internal_id: string | null;
  readonly external_id: string | null;
  readonly reason: string;
  readonly entity_type: string;
  readonly status: string;
  readonly resolution: string | null;
}

export interface Picture {
  readonly settings: {
    readonly two_way: 'off' | 'review' | 'auto';
    readonly export_enabled: boolean;
    readonly export_from: string | null;
    readonly import_enabled: boolean;
    readonly import_as: 'event' | 'rdv';
    readonly event_detail: 'full' | 'initials' | 'busy';
    readonly calendar_target_id: string;
    readonly calendar_source_id: string;
    readonly status: string;
  };
  readonly rdvs: readonly RdvRow[];
  readonly links: readonly LinkRow[];
  readonly external: readonly ExternalRow[];
  readonly conflicts: readonly ConflictRow[];
  /** Earlier events of appointments that are back in the calendar and are to go again. */
  readonly ending: readonly string[];
  readonly cursors: ReadonlyArray<{
    readonly calendar_id: string;
    readonly window_from: string | null;
    readonly window_to: string | null;
    readonly read: boolean;
    /** In a row; none where the calendar is not to be read. */
    readonly failures: number;
    readonly last_error: string | null;
  }>;
  /** Appointments that wait for a worker. */
  readonly waiting: number;
  readonly revisits: number;
  readonly marc: unknown;
}

/** One statement. Times that pass by themselves are left out: two pictures are equal where nothing happened between them. */
export async function readPicture(world: World): Promise<Picture> {
  const { sql } = world.parts.database;
  const { integration, organisation } = world.claire;
  const [row] = await sql`select jsonb_build_object(
    'settings', (select to_jsonb(i) - '{last_sync_at,last_import_at,updated_at,created_at}'::text[] from public.calendar_integrations i where i.id = ${integration}),
    'rdvs', (select coalesce(jsonb_agg(to_jsonb(r) - '{created_at,updated_at}'::text[] order by r.id), '[]') from public.rdv r where r.organisation_id = ${organisation}),
    'links', (select coalesce(jsonb_agg(jsonb_build_object(
        'rdv_id', l.rdv_id, 'external_calendar_id', l.external_calendar_id, 'external_event_id', l.external_event_id, 'epoch', l.epoch,
        'etag', l.etag, 'sync_status', l.sync_status, 'drifted_at', l.drifted_at, 'state', s.state,
        'parked', exists (select 1 from private.sync_outbox o where o.integration_id = l.integration_id and o.rdv_id = l.rdv_id and o.parked_at is not null)
      ) order by l.rdv_id), '[]')
      from public.appointment_external_links l left join private.link_states s on s.link_id = l.id where l.integration_id = ${integration}),
    'external', (select coalesce(jsonb_agg(to_jsonb(e) - '{id,created_at,updated_at,last_synced_at}'::text[] order by e.external_calendar_id, e.external_event_id), '[]')
      from public.external_events e where e.integration_id = ${integration}),
    'conflicts', (select coalesce(jsonb_agg(jsonb_build_object('internal_id', k.internal_id, 'external_id', k.external_id, 'reason', k.reason,
        'entity_type', k.entity_type, 'status', k.status, 'resolution', k.resolution) order by k.id), '[]')
      from public.sync_conflicts k where k.integration_id = ${integration}),
    'ending', (select coalesce(jsonb_agg(f.event_id order by f.event_id), '[]')
      from private.former_events f where f.integration_id = ${integration} and f.ends_since is not null),
    'cursors', (select coalesce(jsonb_agg(jsonb_build_object('calendar_id', c.calendar_id, 'window_from', c.window_from, 'window_to', c.window_to,
        'read', c.sync_token is not null, 'failures', case when private.follows(i, c.calendar_id) is not null then c.failures else 0 end, 'last_error', c.last_error) order by c.calendar_id), '[]')
      from private.calendar_cursors c join public.calendar_integrations i on i.id = c.integration_id where c.integration_id = ${integration}),
    'waiting', (select count(*) from private.sync_outbox o where o.parked_at is null),
    'revisits', (select count(*) from private.import_revisits v join public.calendar_integrations i on i.id = v.integration_id
        where private.follows(i, v.calendar_id) is not null),
    'marc', jsonb_build_array(
      (select jsonb_agg(to_jsonb(r) order by r.id) from public.rdv r where r.organisation_id = ${world.marc.organisation}),
      (select jsonb_agg(to_jsonb(l) - '{updated_at,last_synced_at,etag}'::text[] order by l.id) from public.appointment_external_links l where l.organisation_id = ${world.marc.organisation}),
      (select count(*) from public.external_events e where e.organisation_id = ${world.marc.organisation}),
      (select count(*) from public.sync_conflicts k where k.organisation_id = ${world.marc.organisation})
    )
  ) as picture`;
  return row!.picture as Picture;
}

export type Calendars = ReadonlyMap<string, readonly CalendarEvent[]>;

/** What Claire's calendars hold. */
export async function readCalendars(world: World): Promise<Calendars> {
  const { account } = world.claire;
  const { provider } = world.parts;
  const found = new Map<string, readonly CalendarEvent[]>();
  for (const calendarId of [account.main, account.second]) {
    found.set(calendarId, await provider.observe(account, calendarId));
  }
  return found;
}

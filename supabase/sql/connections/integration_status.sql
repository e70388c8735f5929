create or replace function public.integration_status(p_organisation uuid, p_user uuid, p_provider text) returns jsonb
language plpgsql stable security definer set search_path = '' set statement_timeout = '8s'
as $$
begin
  return (
    select jsonb_build_object(
      'integrationId', i.id,
      'connected', i.disconnected_at is null and i.removing_events_since is null,
      'status', i.status,
      'account', jsonb_build_object('email', i.account_email),
      'targetCalendar', case when i.calendar_target_id is not null
        then jsonb_build_object('id', i.calendar_target_id, 'name', i.calendar_target_name) end,
      'sourceCalendar', case when i.calendar_source_id is not null
        then jsonb_build_object('id', i.calendar_source_id, 'name', i.calendar_source_name) end,
      'settings', jsonb_build_object(
        'calendar_target_id', i.calendar_target_id, 'calendar_source_id', i.calendar_source_id,
        'export_enabled', i.export_enabled, 'import_enabled', i.import_enabled,
        'import_range_default', i.import_range_default, 'import_as', i.import_as, 'two_way', i.two_way,
        'event_detail', i.event_detail, 'scope', i.scope
      ),
      'lastSyncAt', i.last_sync_at,
      'lastImportAt', i.last_import_at,
      'pending', (select count(*) from private.sync_outbox o where o.integration_id = i.id and o.parked_at is null),
      'failed', (select count(*) from private.sync_outbox o where o.integration_id = i.id and o.parked_at is not null),
      'openConflicts', (
        select count(*) from public.sync_conflicts k
        where k.organisation_id = i.organisation_id and k.integration_id = i.id and k.status = 'open'
      ),
      'lastError', case when i.last_error ? 'code'
        then jsonb_build_object('code', i.last_error ->> 'code', 'message', i.last_error ->> 'message')
        else coalesce((
          -- A pause of a moment is no news; one of minutes or hours is named for what it is.
          select jsonb_build_object('code', l.pause_code, 'message', null) from private.sync_lanes l
          where l.integration_id = i.id and l.pause_code is not null
            and l.paused_until > private.clock() + interval '1 minute'
        ), private.unreadable_calendar(i)) end,
      'removingEvents', i.removing_events_since is not null,
      'pendingAccount', (
        select jsonb_build_object('email', g.account_email) from private.pending_grant(i.id) g
        where g.integration_id is not null
      ),
      'eventsInAccount', cardinality(private.live_events(i.id)),
      'paused', private.paused(i.organisation_id, i.provider)
    )
    from private.person_connection(p_organisation, p_user, p_provider) i
  );
end
$$;
comment on function public.integration_status(uuid, uuid, text) is
  'Service only: a person''s connection as the settings page shows it; null if there never was one.';
grant execute on function public.integration_status(uuid, uuid, text) to service_role;

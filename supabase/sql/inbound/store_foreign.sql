create or replace function private.store_foreign(
  p_run private.import_runs, p_connection public.calendar_integrations
) returns void
language plpgsql security definer set search_path = ''
-- The checks of foreign keys are planned as their session says: anew for each row they took as long as storing it.
set plan_cache_mode = force_generic_plan
as $$
declare
  v_now constant timestamptz := private.clock();
begin
  insert into public.external_events as e (
    organisation_id, integration_id, user_id, provider, external_calendar_id, external_event_id, etag, status, kind,
    summary, description, location, start_at, end_at, all_day, start_day, end_day, time_zone, attendees, html_link,
    own_response, visibility, availability, series_id, updated_at_provider, last_synced_at, created_at
  )
  select p_run.organisation_id, p_run.integration_id, p_connection.user_id, p_connection.provider, p_run.calendar_id,
    s.event_id, s.etag, s.status,
    s.kind, case when p.open then s.title end, case when p.open then nullif(s.description, '') end,
    case when p.open then nullif(s.location, '') end, s.start_at, s.end_at, s.all_day, s.start_day, s.end_day,
    s.time_zone,
    case when p.open then s.attendees else '[]'::jsonb end, s.url, s.own_response, s.visibility, s.availability,
    s.series_id, s.updated_at, v_now, v_now
  from private.import_staging s
  cross join lateral (select s.visibility <> 'private' as open) p
  where s.run_id = p_run.id and s.action in ('create', 'update')
  on conflict (organisation_id, external_calendar_id, external_event_id) do update set
    (integration_id, user_id, etag, status, kind, summary, description, location, start_at, end_at, all_day, start_day,
      end_day, time_zone, attendees, html_link, own_response, visibility, availability, series_id, updated_at_provider,
      last_synced_at, detached_at, timed_before, updated_at)
    = (excluded.integration_id, excluded.user_id, excluded.etag, excluded.status, excluded.kind, excluded.summary,
      excluded.description, excluded.location, excluded.start_at, excluded.end_at, excluded.all_day, excluded.start_day,
      excluded.end_day, excluded.time_zone, excluded.attendees, excluded.html_link, excluded.own_response,
      excluded.visibility, excluded.availability, excluded.series_id, excluded.updated_at_provider,
      excluded.last_synced_at, null, case
        when private.is_bookable(excluded) then null
        when private.is_bookable(e) then tstzrange(e.start_at, e.end_at)
        else e.timed_before
      end, now());
end
$$;
comment on function private.store_foreign(private.import_runs, public.calendar_integrations) is
  'Writes the events of others that a run brings or changes.';

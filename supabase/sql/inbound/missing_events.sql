create or replace function private.missing_events(p_run private.import_runs)
returns table (event_id text, series_id text, ours boolean)
language sql stable security definer set search_path = ''
as $$
  select s.event_id, (
    select e.series_id from public.external_events e
    where e.organisation_id = p_run.organisation_id and e.external_calendar_id = p_run.calendar_id
      and e.external_event_id = s.event_id
  ), exists (select 1 from private.live_links(p_run) l where l.event_id = s.event_id)
  from private.import_staging s
  where s.run_id = p_run.id and s.removed
  union
  select e.external_event_id, e.series_id, false
  from public.external_events e
  where p_run.full_reading and e.integration_id = p_run.integration_id and e.external_calendar_id = p_run.calendar_id
    and e.status <> 'cancelled' and e.detached_at is null
    and e.during && tstzrange(p_run.window_from, p_run.window_to)
    and not exists (select 1 from private.import_staging s
      where s.run_id = p_run.id and s.event_id = e.external_event_id)
  union
  select u.event_id, null, true from private.unread_links(p_run) u where not u.fresh;
$$;
comment on function private.missing_events(private.import_runs) is
  'What should have come and did not, and hints of removal: each to be checked by a read, for absence is no deletion.';

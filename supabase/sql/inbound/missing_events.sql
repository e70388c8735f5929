create or replace function private.missing_events(run private.import_runs) returns table (event_id text, ours boolean)
language sql stable security definer set search_path = ''
as $$
  select s.event_id, exists (select 1 from private.live_links(run) l where l.event_id = s.event_id)
  from private.import_staging s
  where s.run_id = run.id and s.removed
  union
  select e.external_event_id, false
  from public.external_events e
  where run.full_reading and e.integration_id = run.integration_id and e.external_calendar_id = run.calendar_id
    and e.status <> 'cancelled' and e.detached_at is null
    and tstzrange(e.start_at, e.end_at) && tstzrange(run.window_from, run.window_to)
    and not exists (select 1 from private.import_staging s where s.run_id = run.id and s.event_id = e.external_event_id)
  union
  select u.event_id, true from private.unread_links(run) u where not u.fresh;
$$;
comment on function private.missing_events(private.import_runs) is
  'What should have come and did not, and hints of removal: each to be checked by a read, for absence is no deletion.';

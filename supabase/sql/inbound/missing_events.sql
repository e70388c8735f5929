create or replace function private.missing_events(c private.calendar_cursors) returns table (event_id text, ours boolean)
language sql stable security definer set search_path = ''
as $$
  select s.event_id, exists (select 1 from private.live_links(c) l where l.event_id = s.event_id)
  from private.import_staging s
  where s.run_id = c.run_id and s.removed
  union
  select e.external_event_id, false
  from public.external_events e
  where c.run_full and e.integration_id = c.integration_id and e.external_calendar_id = c.calendar_id and e.status <> 'cancelled'
    and e.detached_at is null and tstzrange(e.start_at, e.end_at) && tstzrange(c.run_from, c.run_to)
    and not exists (select 1 from private.import_staging s where s.run_id = c.run_id and s.event_id = e.external_event_id)
  union
  select u.event_id, true from private.unread_links(c) u where not u.fresh;
$$;
comment on function private.missing_events(private.calendar_cursors) is 'What should have come and did not, and hints of removal: each to be checked by a read, for absence is no deletion.';

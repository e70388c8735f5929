create or replace function private.known_events(run private.import_runs) returns integer
language sql stable security definer set search_path = ''
as $$
  select (
    (
      select count(*) from public.external_events e
      where e.integration_id = run.integration_id and e.external_calendar_id = run.calendar_id and e.status <> 'cancelled'
        and tstzrange(e.start_at, e.end_at) && tstzrange(run.window_from, run.window_to)
    ) + (
      select count(*) from private.live_links(run) l join public.rdv r on r.id = l.rdv_id
      where r.starts_at < run.window_to and coalesce(r.ends_at, r.starts_at) >= run.window_from
    )
  )::integer;
$$;
comment on function private.known_events(private.import_runs) is
  'Events known in the window: what a run may leave unchanged, and what a change of too much at once is measured against.';

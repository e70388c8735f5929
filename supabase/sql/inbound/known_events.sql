create or replace function private.known_events(p_run private.import_runs) returns integer
language plpgsql stable security definer set search_path = ''
as $$
begin
  return (
    select (
      (
        select count(*) from public.external_events e
        where e.integration_id = p_run.integration_id and e.external_calendar_id = p_run.calendar_id
          and e.status <> 'cancelled'
          and e.during && tstzrange(p_run.window_from, p_run.window_to)
      ) + (
        select count(*) from private.live_links(p_run) l join public.rdv r on r.id = l.rdv_id
        where r.starts_at < p_run.window_to and coalesce(r.ends_at, r.starts_at) >= p_run.window_from
      )
    )::integer
  );
end
$$;
comment on function private.known_events(private.import_runs) is
  'Events known in the window: what a run may leave unchanged, and what a change of too much at once is measured '
  'against.';

create or replace function private.believe_missing(p_run private.import_runs, p_unchecked integer) returns void
language sql security definer set search_path = ''
as $$
  insert into private.import_staging (run_id, event_id, status, action, reason, known_id)
  select p_run.id, m.event_id, 'cancelled', case when e.id is not null then 'cancel' else 'own' end, 'cancelled', e.id
  from private.missing_events(p_run) m
  left join public.external_events e
    on e.integration_id = p_run.integration_id and e.external_calendar_id = p_run.calendar_id
    and e.external_event_id = m.event_id
  where p_unchecked > 0
  on conflict (run_id, event_id) do update set
    action = excluded.action, reason = excluded.reason, status = 'cancelled', known_id = excluded.known_id,
    removed = false;
$$;
comment on function private.believe_missing(private.import_runs, integer) is
  'A person says that everything that is missing was deleted: it is cancelled without a look at each. '
  'p_unchecked: how many were not looked at; where there are none, each was read.';

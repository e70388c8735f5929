create or replace function private.untouched_appointments(p_run private.import_runs) returns uuid[]
language sql stable security definer set search_path = ''
as $$
  select coalesce(array_agg(r.id), '{}')
  from private.import_staging s
  join public.external_events e on e.id = s.known_id
  join public.rdv r on r.id = e.cassius_appointment_id
  where s.run_id = p_run.id and s.action = 'update' and (r.starts_at, r.ends_at) = (
      coalesce(lower(e.timed_before), e.start_at), coalesce(upper(e.timed_before), e.end_at))
    -- Of a cancelled event no text is kept that could be compared.
    and (e.status = 'cancelled'
      or coalesce(r.location, '') = coalesce(e.location, '') and r.type = private.imported_type(e.summary));
$$;
comment on function private.untouched_appointments(private.import_runs) is
  'Appointments made of events that change now, and still as their event was: they follow it without a question.';

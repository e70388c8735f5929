create or replace function private.follow_events(p_run private.import_runs, p_untouched uuid[]) returns void
language plpgsql security definer set search_path = ''
as $$
begin
  update public.rdv r set
    starts_at = e.start_at, ends_at = e.end_at, location = e.location, type = private.imported_type(e.summary)
  from private.import_staging s
  join public.external_events e on e.id = s.known_id
  where s.run_id = p_run.id and s.action = 'update' and r.id = e.cassius_appointment_id and r.id = any (p_untouched)
    and not e.all_day;
  update public.rdv r set status = case when e.status = 'cancelled' then 'cancelled' else 'scheduled' end
  from private.import_staging s
  join public.external_events e on e.id = s.known_id
  where s.run_id = p_run.id and s.action in ('update', 'cancel') and r.id = e.cassius_appointment_id and (
    e.status = 'cancelled' and r.status in ('scheduled', 'confirmed')
    or e.status <> 'cancelled' and r.status = 'cancelled' and r.id = any (p_untouched)
  );
end
$$;
comment on function private.follow_events(private.import_runs, uuid[]) is
  'Appointments made of events move, end and come back with them. p_untouched: those that still are as their event '
  'was.';

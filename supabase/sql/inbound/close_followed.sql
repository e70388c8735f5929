create or replace function private.close_followed(p_run private.import_runs) returns void
language sql security definer set search_path = ''
as $$
  update public.sync_conflicts k set status = 'resolved', resolution = 'vanished', resolved_at = private.clock()
  from private.import_staging s
  join public.external_events e on e.id = s.known_id
  join public.rdv r on r.id = e.cassius_appointment_id
  where s.run_id = p_run.id and s.action in ('update', 'cancel')
    and k.integration_id = p_run.integration_id and k.internal_id = r.id and k.entity_type = 'event'
    and k.reason = 'changed_both_sides' and k.status = 'open'
    and (e.status = 'cancelled' or r.status in ('cancelled', 'completed', 'no_show')
      or (r.starts_at, r.ends_at, coalesce(r.location, '')) = (e.start_at, e.end_at, coalesce(e.location, '')));
$$;
comment on function private.close_followed(private.import_runs) is
  'Closes the questions about appointments made of events that this run found to say the same again.';

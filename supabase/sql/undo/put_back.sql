create or replace function private.put_back(p_decision private.decisions) returns void
language plpgsql security definer set search_path = ''
as $$
declare
  v_made constant uuid[] := array(
    select (a ->> 'id')::uuid from jsonb_array_elements(p_decision.appointments) a where a -> 'before' = 'null'
  );
begin
  update public.external_events e set (cassius_appointment_id, became_rdv_at, timed_before) = (
    select x.cassius_appointment_id, x.became_rdv_at, x.timed_before
    from jsonb_populate_record(e, b -> 'before') x
  )
  from jsonb_array_elements(p_decision.events) b
  where e.id = (b ->> 'id')::uuid and e.cassius_appointment_id = any (v_made);
  delete from public.rdv r where r.id = any (v_made);
  update public.rdv r set
    status = n.status, starts_at = n.starts_at, ends_at = n.ends_at, type = n.type, location = n.location
  from (
    select x.id, x.status, x.starts_at, x.ends_at, x.type, x.location
    from jsonb_array_elements(p_decision.appointments) b
    join public.rdv o on o.id = (b ->> 'id')::uuid
    cross join lateral jsonb_populate_record(o, b -> 'before') x
    where b -> 'before' <> 'null'
  ) n
  -- What the decision did not change keeps its version.
  where r.id = n.id and (r.status, r.starts_at, r.ends_at, r.type, r.location)
    is distinct from (n.status, n.starts_at, n.ends_at, n.type, n.location);
end
$$;
comment on function private.put_back(private.decisions) is
  'Appointments, and events of others, as they were before a decision; those that it made go.';

create or replace function private.keep_decision(p_before private.decisions) returns void
language sql security definer set search_path = ''
as $$
  insert into private.decisions as d
  select p_before.conflict_id, p_before.decided_at, p_before.payload, p_before.link, p_before.former, (
    -- One that was not there before and is not there now was never to be made.
    select coalesce(jsonb_agg(a || jsonb_build_object('version', r.updated_at)), '[]'::jsonb)
    from jsonb_array_elements(p_before.appointments) a
    join public.rdv r on r.id = (a ->> 'id')::uuid
  ), p_before.events
  on conflict (conflict_id) do update set
    decided_at = excluded.decided_at, payload = excluded.payload, link = excluded.link, former = excluded.former,
    appointments = excluded.appointments, events = excluded.events;
$$;
comment on function private.keep_decision(private.decisions) is
  'Keeps what a decision changed as it was before, with the versions that the decision gave to the appointments.';

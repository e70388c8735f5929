create or replace function private.live_events(p_integration uuid) returns uuid[]
language plpgsql stable security definer set search_path = ''
as $$
begin
  return (
    select coalesce(array_agg(l.rdv_id), '{}')
    from public.appointment_external_links l
    join private.link_states s on s.link_id = l.id and private.has_event(s.state)
    where l.integration_id = p_integration
  );
end
$$;
comment on function private.live_events(uuid) is
  'Appointments that have an event of ours in the account, as far as we know.';

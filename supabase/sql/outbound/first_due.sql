create or replace function private.first_due(p_integration uuid) returns timestamptz
language plpgsql stable security definer set search_path = ''
as $$
declare
  v_connection public.calendar_integrations;
begin
  select * into v_connection from public.calendar_integrations i where i.id = p_integration;
  if private.writes_events(v_connection) then
    return (
      select o.next_attempt_at from private.sync_outbox o
      where o.integration_id = p_integration and o.parked_at is null order by o.next_attempt_at limit 1
    );
  end if;
  return (
    select min(o.next_attempt_at) from private.sync_outbox o
    join public.appointment_external_links l on l.integration_id = o.integration_id and l.rdv_id = o.rdv_id
    join private.link_states s on s.link_id = l.id and s.erase_since is not null
    where o.integration_id = p_integration and o.parked_at is null
  );
end
$$;
comment on function private.first_due(uuid) is
  'When the first row of a lane is due, as its queue says now; where nothing is exported or removed, the first event '
  'of an erased patient. Null: nothing waits.';

create or replace function private.lock_connection(p_integration uuid) returns public.calendar_integrations
language plpgsql security definer set search_path = ''
as $$
declare
  v_connection public.calendar_integrations;
begin
  -- The lane first, as a worker that completes: the other way round the two would wait for each other.
  perform from private.sync_lanes l where l.integration_id = p_integration for update;
  select i.* into v_connection from public.calendar_integrations i where i.id = p_integration for no key update;
  return v_connection;
end
$$;
comment on function private.lock_connection(uuid) is
  'Locks a connection against its worker, before a function writes to its outbox, lane or links.';

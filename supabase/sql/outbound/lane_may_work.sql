create or replace function private.lane_may_work(p_connection public.calendar_integrations) returns boolean
language sql stable security definer set search_path = ''
as $$
  select p_connection.status = 'connected' and p_connection.disconnected_at is null and (
    private.writes_events(p_connection)
    or exists (
      select from private.link_states s
      join public.appointment_external_links l on l.id = s.link_id
      join private.sync_outbox o on o.integration_id = l.integration_id and o.rdv_id = l.rdv_id and o.parked_at is null
      where s.erase_since is not null and l.integration_id = p_connection.id
    )
  );
$$;
comment on function private.lane_may_work(public.calendar_integrations) is
  'Whether a worker may take this lane: it exports, it removes its events, or an erased patient''s event waits in it.';

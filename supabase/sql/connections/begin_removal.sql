create or replace function private.begin_removal(p_integration uuid) returns integer
language plpgsql security definer set search_path = ''
as $$
declare
  v_connection public.calendar_integrations;
  v_rdvs constant uuid[] := private.live_events(p_integration);
begin
  if cardinality(v_rdvs) = 0 then
    return 0;
  end if;
  update public.calendar_integrations i
    set removing_events_since = coalesce(i.removing_events_since, private.clock()),
      export_enabled = false, import_enabled = false
    where i.id = p_integration
    returning i.* into v_connection;
  perform private.ask_about_pending(p_integration);
  -- What was going to be exported is not; only the events that are there are removed.
  perform private.drop_outbox(p_integration);
  perform private.enqueue(
    array_fill(p_integration, array[cardinality(v_rdvs)]), v_rdvs, v_connection.organisation_id, 'change', null);
  update private.sync_lanes l set paused_until = null, pause_code = null where l.integration_id = p_integration;
  perform private.nudge(v_connection.provider);
  return cardinality(v_rdvs);
end
$$;
comment on function private.begin_removal(uuid) is
  'Switches everything off and sets about removing our events from the account; how many events that are.';

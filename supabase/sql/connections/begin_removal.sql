create or replace function private.begin_removal(p_integration uuid) returns integer
language plpgsql security definer set search_path = ''
as $$
declare
  integration public.calendar_integrations;
  rdvs constant uuid[] := private.live_events(p_integration);
begin
  if cardinality(rdvs) = 0 then
    return 0;
  end if;
  update public.calendar_integrations i
    set removing_events_since = coalesce(i.removing_events_since, private.clock()),
      export_enabled = false, import_enabled = false
    where i.id = p_integration
    returning i.* into integration;
  perform private.ask_about_pending(p_integration);
  -- What was going to be exported is not; only what stands there is taken away.
  perform private.drop_outbox(p_integration);
  perform private.enqueue(
    array_fill(p_integration, array[cardinality(rdvs)]), rdvs, integration.organisation_id, 'change', null);
  update private.sync_lanes l set paused_until = null, pause_code = null where l.integration_id = p_integration;
  perform private.nudge(integration.provider);
  return cardinality(rdvs);
end
$$;
comment on function private.begin_removal(uuid) is 'Switches everything off and sets about removing what stands in the account; how many events that are.';

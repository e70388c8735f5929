create or replace function public.integration_finish_removal(p_integration uuid) returns jsonb
language plpgsql security definer set search_path = '' set statement_timeout = '8s'
as $$
declare
  integration public.calendar_integrations;
  pending private.pending_grants;
begin
  integration := private.lock_connection(p_integration);
  if integration.removing_events_since is null or integration.disconnected_at is not null or exists (
    select from private.sync_outbox o where o.integration_id = p_integration and o.parked_at is null
  ) then
    return null;
  end if;
  pending := private.pending_grant(p_integration);
  if pending.integration_id is not null and pending.expires_at is null then
    perform private.switch_account(p_integration);
  else
    perform private.end_unattended(p_integration);
  end if;
  return jsonb_build_object('ended', true);
end
$$;
comment on function public.integration_finish_removal(uuid) is
  'Service only: once every event is removed or refused for good, disconnects, and goes on with the account that waited for it; null before that.';
grant execute on function public.integration_finish_removal(uuid) to service_role;

create or replace function public.integration_finish_removal(p_integration uuid) returns jsonb
language plpgsql security definer set search_path = '' set statement_timeout = '8s'
as $$
declare
  v_connection public.calendar_integrations;
  v_pending private.pending_grants;
begin
  v_connection := private.lock_connection(p_integration);
  if v_connection.removing_events_since is null or v_connection.disconnected_at is not null or exists (
    select from private.sync_outbox o where o.integration_id = p_integration and o.parked_at is null
  ) then
    return null;
  end if;
  v_pending := private.pending_grant(p_integration);
  if v_pending.integration_id is not null and v_pending.expires_at is null then
    perform private.switch_account(p_integration);
  else
    perform private.end_unattended(p_integration);
  end if;
  return jsonb_build_object('ended', true);
end
$$;
comment on function public.integration_finish_removal(uuid) is
  'Service only: once every event is removed or refused for good, disconnects, and goes on with the account that '
  'waited for it; null before that.';
grant execute on function public.integration_finish_removal(uuid) to service_role;

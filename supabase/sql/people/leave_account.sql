create or replace function private.leave_account(p_integration uuid, p_remove_events boolean) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_connection public.calendar_integrations := private.lock_connection(p_integration);
  v_events constant integer := cardinality(private.live_events(p_integration));
  v_state text := 'ended';
begin
  if v_connection.disconnected_at is null and p_remove_events and v_events > 0
    and private.unreachable(v_connection) is null then
    v_state := 'removing';
    perform private.begin_removal(v_connection.id);
  elsif v_connection.disconnected_at is null then
    perform private.end_unattended(v_connection.id);
  end if;
  return jsonb_build_object(
    'provider', v_connection.provider, 'accountEmail', v_connection.account_email,
    'events', v_events, 'state', v_state);
end
$$;
comment on function private.leave_account(uuid, boolean) is
  'Ends a connection, or lets it remove its events first and end then: {provider, accountEmail, events, state: '
  'ended|removing}.';

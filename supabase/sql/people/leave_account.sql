create or replace function private.leave_account(p_integration uuid, p_remove_events boolean) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  i public.calendar_integrations := private.lock_connection(p_integration);
  v_events constant integer := cardinality(private.live_events(p_integration));
  v_state text := 'ended';
begin
  if i.disconnected_at is null and p_remove_events and v_events > 0 and private.unreachable(i) is null then
    v_state := 'removing';
    perform private.begin_removal(i.id);
  elsif i.disconnected_at is null then
    perform private.end_unattended(i.id);
  end if;
  return jsonb_build_object('provider', i.provider, 'accountEmail', i.account_email, 'events', v_events, 'state', v_state);
end
$$;
comment on function private.leave_account(uuid, boolean) is
  'Ends a connection, or lets it remove its events first and end then: {provider, accountEmail, events, state: ended|removing}.';

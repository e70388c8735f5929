create or replace function private.end_connection(p_integration uuid) returns text
language plpgsql security definer set search_path = ''
as $$
declare
  v_connection public.calendar_integrations;
  v_token text;
begin
  v_connection := private.lock_connection(p_integration);
  if v_connection.id is null then
    return null;
  end if;
  -- Two practices that leave one account at the same moment: the second one sees that it is the last.
  perform pg_advisory_xact_lock(hashtextextended(v_connection.provider || ':' || v_connection.account_id, 0));
  if not private.account_in_use(v_connection.provider, v_connection.account_id, p_integration) then
    begin
      -- Before the row goes: what a seal keeps elsewhere goes with it.
      select private.open_token(c.refresh_sealed, c.organisation_id, c.integration_id, 'refresh') into v_token
        from private.credentials c where c.integration_id = p_integration;
    exception
      when data_exception then
        -- A token that does not open must not keep a connection alive.
        raise warning 'Revoke the grant of integration %: %', p_integration, sqlerrm;
    end;
  end if;
  -- The choices stay, for the same account; that they are carried out again is for the person to say.
  update public.calendar_integrations i
    set disconnected_at = coalesce(i.disconnected_at, private.clock()), removing_events_since = null,
      export_enabled = false, import_enabled = false
    where i.id = p_integration;
  perform private.ask_about_pending(p_integration);
  delete from private.credentials c where c.integration_id = p_integration;
  perform private.drop_outbox(p_integration);
  return v_token;
end
$$;
comment on function private.end_connection(uuid) is
  'Disconnects, switches everything off and forgets the tokens; links and choices stay. Returns the refresh token to '
  'revoke if no other connection uses the account.';

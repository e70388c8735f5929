create or replace function private.switch_account(p_integration uuid) returns void
language plpgsql security definer set search_path = ''
as $$
declare
  v_connection public.calendar_integrations;
  v_pending private.pending_grants := private.pending_grant(p_integration);
  v_tokens jsonb;
begin
  v_tokens := private.open_token(v_pending.tokens_sealed, v_pending.organisation_id, p_integration, 'pending')::jsonb;
  perform private.end_unattended(p_integration);
  select i.* into v_connection from public.calendar_integrations i where i.id = p_integration;
  perform private.store_grant(
    v_connection, v_pending.account_id, v_pending.account_email, v_pending.scopes, v_tokens ->> 'access',
    v_pending.access_expires_at, v_tokens ->> 'refresh');
end
$$;
comment on function private.switch_account(uuid) is
  'Puts the pending grant in the place of the connection''s own, unstarted.';

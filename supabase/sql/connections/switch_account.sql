create or replace function private.switch_account(p_integration uuid) returns void
language plpgsql security definer set search_path = ''
as $$
declare
  integration public.calendar_integrations;
  pending private.pending_grants := private.pending_grant(p_integration);
  tokens jsonb;
begin
  tokens := private.open_token(pending.tokens_sealed, pending.organisation_id, p_integration, 'pending')::jsonb;
  perform private.end_unattended(p_integration);
  select i.* into integration from public.calendar_integrations i where i.id = p_integration;
  perform private.store_grant(
    integration, pending.account_id, pending.account_email, pending.scopes, tokens ->> 'access',
    pending.access_expires_at, tokens ->> 'refresh');
end
$$;
comment on function private.switch_account(uuid) is 'Puts the pending grant in the place of the connection''s own, unstarted.';

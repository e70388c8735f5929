create or replace function private.keep_pending_grant(
  i public.calendar_integrations, p_account_id text, p_account_email text, p_scopes text[], p_access_token text,
  p_access_until timestamptz, p_refresh_token text
) returns void
language plpgsql security definer set search_path = ''
as $$
declare
  before private.pending_grants := private.pending_grant(i.id);
begin
  if before.account_id = p_account_id then
    delete from private.pending_grants g where g.integration_id = i.id;
  else
    perform private.drop_pending_grant(i.id);
    before := null;
  end if;
  insert into private.pending_grants (
    integration_id, organisation_id, provider, account_id, account_email, scopes, tokens_sealed, access_expires_at, expires_at
  ) values (
    i.id, i.organisation_id, i.provider, p_account_id, p_account_email, coalesce(p_scopes, '{}'),
    private.seal_token(
      jsonb_build_object('access', p_access_token, 'refresh', p_refresh_token)::text, i.organisation_id, i.id, 'pending'),
    p_access_until,
    -- Consenting again to the account for which the removal is under way leaves that as it is.
    case when before.integration_id is null or before.expires_at is not null then private.clock() + interval '1 hour' end
  );
end
$$;
comment on function private.keep_pending_grant(public.calendar_integrations, text, text, text[], text, timestamptz, text) is 'Keeps a grant of another account, sealed, in the place of the one that waited before.';

create or replace function private.keep_pending_grant(
  p_connection public.calendar_integrations, p_account_id text, p_account_email text, p_scopes text[],
  p_access_token text, p_access_until timestamptz, p_refresh_token text
) returns void
language plpgsql security definer set search_path = ''
as $$
declare
  v_before private.pending_grants := private.pending_grant(p_connection.id);
begin
  if v_before.account_id = p_account_id then
    delete from private.pending_grants g where g.integration_id = p_connection.id;
  else
    perform private.drop_pending_grant(p_connection.id);
    v_before := null;
  end if;
  insert into private.pending_grants (
    integration_id, organisation_id, provider, account_id, account_email, scopes, tokens_sealed, access_expires_at,
    expires_at
  ) values (
    p_connection.id, p_connection.organisation_id, p_connection.provider, p_account_id, p_account_email,
    coalesce(p_scopes, '{}'),
    private.seal_token(
      jsonb_build_object('access', p_access_token, 'refresh', p_refresh_token)::text, p_connection.organisation_id,
      p_connection.id, 'pending'),
    p_access_until,
    -- Consenting again to the account for which the removal is under way leaves that as it is.
    case when v_before.integration_id is null or v_before.expires_at is not null then
      private.clock() + interval '1 hour'
    end
  );
end
$$;
comment on function private.keep_pending_grant(
  public.calendar_integrations, text, text, text[], text, timestamptz, text
) is
  'Keeps a grant of another account, sealed, in the place of the one that waited before.';

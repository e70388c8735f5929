create or replace function private.open_credential(p_integration uuid) returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
declare
  v_held private.credentials;
  v_access text;
  v_refresh text;
  v_unreadable boolean := false;
begin
  select c.* into v_held from private.credentials c where c.integration_id = p_integration;
  if not found then
    return null;
  end if;
  begin
    v_refresh := private.open_token(v_held.refresh_sealed, v_held.organisation_id, p_integration, 'refresh');
    if v_held.access_expires_at >= private.clock() + interval '60 seconds' then
      begin
        v_access := private.open_token(v_held.access_sealed, v_held.organisation_id, p_integration, 'access');
      exception
        when data_exception then
          null; -- the refresh token gets another
      end;
    end if;
  exception
    when data_exception then
      v_unreadable := true;
  end;
  return jsonb_build_object(
    'version', v_held.version, 'accessToken', v_access, 'refreshToken', v_refresh, 'unreadable', v_unreadable
  );
end
$$;
comment on function private.open_credential(uuid) is
  'The tokens of a connection, or null; never raises, so that a token that does not open stops no other connection. '
  '{version, accessToken, refreshToken, unreadable}: the access token is null when it has less than a minute '
  'left or does not open; unreadable: the refresh token does not open, and then neither is given.';

create or replace function private.open_credential(p_integration uuid) returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
declare
  held private.credentials;
  access text;
  refresh text;
  unreadable boolean := false;
begin
  select c.* into held from private.credentials c where c.integration_id = p_integration;
  if not found then
    return null;
  end if;
  begin
    refresh := private.open_token(held.refresh_sealed, held.organisation_id, p_integration, 'refresh');
    if held.access_expires_at >= private.clock() + interval '60 seconds' then
      begin
        access := private.open_token(held.access_sealed, held.organisation_id, p_integration, 'access');
      exception
        when data_exception then
          null; -- the refresh token gets another
      end;
    end if;
  exception
    when data_exception then
      unreadable := true;
  end;
  return jsonb_build_object(
    'version', held.version, 'accessToken', access, 'refreshToken', refresh, 'unreadable', unreadable
  );
end
$$;
comment on function private.open_credential(uuid) is
  'The tokens of a connection, or null; never raises, so that a token that does not open stops nobody else. '
  '{version, accessToken, refreshToken, unreadable}: the access token is null when it has less than a minute '
  'left or does not open; unreadable: the refresh token does not open, and then neither is given.';

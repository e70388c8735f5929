create or replace function private.open_credential(p_integration uuid) returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
declare
  v_held private.credentials;
  v_refresh text;
begin
  select c.* into v_held from private.credentials c where c.integration_id = p_integration;
  if not found then
    return null;
  end if;
  begin
    v_refresh := private.open_token(v_held.refresh_sealed, v_held.organisation_id, p_integration, 'refresh');
  exception
    when data_exception then
      return jsonb_build_object(
        'version', v_held.version, 'accessToken', null, 'refreshToken', null, 'unreadable', true);
  end;
  return private.known_token(p_integration) || jsonb_build_object('refreshToken', v_refresh, 'unreadable', false);
end
$$;
comment on function private.open_credential(uuid) is
  'The tokens of a connection, or null: {version, accessToken, refreshToken, unreadable}, the first two as of '
  'private.known_token. unreadable: the refresh token does not open, and then neither is given.';

create or replace function private.known_token(p_integration uuid) returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
declare
  v_held private.credentials;
  v_access text;
begin
  select c.* into v_held from private.credentials c where c.integration_id = p_integration;
  if not found then
    return null;
  end if;
  if v_held.access_expires_at >= private.clock() + interval '60 seconds' then
    begin
      v_access := private.open_token(v_held.access_sealed, v_held.organisation_id, p_integration, 'access');
    exception
      when data_exception then
        null; -- the refresh token gets another
    end;
  end if;
  return jsonb_build_object('version', v_held.version, 'accessToken', v_access);
end
$$;
comment on function private.known_token(uuid) is
  'What a claim hands to its worker: {version, accessToken}; never raises, so that a token that does not open stops no '
  'other connection. Without an access token (it has less than a minute left, or does not open) the worker opens the '
  'credential itself, and meets whatever is wrong with it in its own lane.';

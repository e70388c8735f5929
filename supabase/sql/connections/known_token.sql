create or replace function private.known_token(p_integration uuid) returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
begin
  return (
    select jsonb_build_object('version', k.opened -> 'version', 'accessToken', k.opened -> 'accessToken')
    from (select private.open_credential(p_integration) as opened offset 0) k
    where k.opened is not null
  );
end
$$;
comment on function private.known_token(uuid) is
  'What a claim hands to its worker: {version, accessToken}. Without an access token the worker opens the credential '
  'itself, and meets whatever is wrong with it in its own lane.';

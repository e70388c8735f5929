create or replace function private.known_token(p_integration uuid) returns jsonb
language sql stable security definer set search_path = ''
as $$
  select jsonb_build_object('version', k.opened -> 'version', 'accessToken', k.opened -> 'accessToken')
  from (select private.open_credential(p_integration) as opened offset 0) k
  where k.opened is not null;
$$;
comment on function private.known_token(uuid) is
  'What a claim hands to its worker: {version, accessToken}. Without an access token the worker opens the credential '
  'itself, and meets whatever is wrong with it in its own lane.';

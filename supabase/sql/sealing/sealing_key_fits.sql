create or replace function private.sealing_key_fits() returns boolean
language sql stable security definer set search_path = ''
as $$
  select exists (
    select from private.sealing_canaries canary
    join private.app_config c on c.key = 'seal_scheme' and c.value = canary.scheme
    where private.canary_opens(canary.sealed)
  );
$$;
comment on function private.sealing_key_fits() is
  'Whether the live scheme''s key is the one that sealed the tokens here. One decryption: cheap enough for every '
  'claim.';

create or replace function private.choose_sealing() returns text
language plpgsql security definer set search_path = ''
as $$
begin
  begin
    perform private.use_sealing('pgsodium-det-1');
    return 'pgsodium-det-1';
  exception
    when others then
      raise warning 'Seal tokens by pgsodium: % (falling back to Vault)', sqlerrm;
  end;
  begin
    perform private.use_sealing('vault-1');
    return 'vault-1';
  exception
    when others then
      raise exception 'Choose how tokens are sealed: neither pgsodium nor Vault works here' using detail = sqlerrm;
  end;
end
$$;
comment on function private.choose_sealing() is
  'Probes what this database offers, pgsodium first, and makes it the live scheme.';

create or replace function private.forget_token(p_envelope jsonb) returns void
language plpgsql security definer set search_path = ''
as $$
begin
  if p_envelope ->> 'scheme' = 'vault-1' and to_regclass('vault.secrets') is not null then
    execute 'delete from vault.secrets s where s.id = $1' using (p_envelope ->> 'secret_id')::uuid;
  end if;
end
$$;
comment on function private.forget_token(jsonb) is
  'Deletes what a seal keeps outside its envelope. p_envelope: {scheme, secret_id}, as private.seal_with makes it.';

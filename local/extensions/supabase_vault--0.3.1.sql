create function vault._crypto_aead_det_noncegen() returns bytea
language sql volatile security definer set search_path = '' as $$ select local_aead.new_nonce() $$;

create function vault._crypto_aead_det_encrypt(
  message bytea, additional bytea, key_id bigint, context bytea default 'pgsodium', nonce bytea default null
) returns bytea
language sql stable security definer set search_path = '' as $$
  select local_aead.seal(message, additional, local_aead.derive_key(key_id, context), nonce)
$$;

create function vault._crypto_aead_det_decrypt(
  message bytea, additional bytea, key_id bigint, context bytea default 'pgsodium', nonce bytea default null
) returns bytea
language sql stable security definer set search_path = '' as $$
  select local_aead.open(message, additional, local_aead.derive_key(key_id, context), nonce)
$$;

create table vault.secrets (
  id uuid primary key default gen_random_uuid(),
  name text,
  description text not null default '',
  secret text not null,
  key_id uuid,
  nonce bytea default vault._crypto_aead_det_noncegen(),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create unique index secrets_name_idx on vault.secrets (name) where name is not null;
select pg_extension_config_dump('vault.secrets', '');

create view vault.decrypted_secrets as
  select
    s.id, s.name, s.description, s.secret,
    convert_from(
      vault._crypto_aead_det_decrypt(decode(s.secret, 'base64'), convert_to(s.id::text, 'utf8'), 0, 'pgsodium', s.nonce), 'utf8'
    ) as decrypted_secret,
    s.key_id, s.nonce, s.created_at, s.updated_at
  from vault.secrets s;

create function vault.create_secret(new_secret text, new_name text default null, new_description text default '', new_key_id uuid default null)
returns uuid
language plpgsql security definer set search_path = '' as $$
declare
  made record;
begin
  -- Inserted as it comes and encrypted afterwards, as the real extension does: the plain text stays in a dead tuple and in the WAL.
  insert into vault.secrets (secret, name, description) values (new_secret, new_name, new_description) returning * into made;
  update vault.secrets s set secret = encode(
    vault._crypto_aead_det_encrypt(convert_to(made.secret, 'utf8'), convert_to(s.id::text, 'utf8'), 0, 'pgsodium', made.nonce), 'base64')
  where s.id = made.id;
  return made.id;
end
$$;

create function vault.update_secret(
  secret_id uuid, new_secret text default null, new_name text default null, new_description text default null, new_key_id uuid default null
) returns void
language plpgsql security definer set search_path = '' as $$
begin
  update vault.secrets s set
    secret = case when new_secret is null then s.secret else encode(
      vault._crypto_aead_det_encrypt(convert_to(new_secret, 'utf8'), convert_to(s.id::text, 'utf8'), 0, 'pgsodium', s.nonce), 'base64') end,
    name = coalesce(new_name, s.name),
    description = coalesce(new_description, s.description),
    updated_at = now()
  where s.id = secret_id;
end
$$;

revoke all on all functions in schema vault from public;
revoke all on all tables in schema vault from public;
do $$
declare
  reader text;
begin
  foreach reader in array array['postgres', 'service_role'] loop
    continue when not exists (select from pg_roles where rolname = reader);
    execute format('grant usage on schema vault to %I', reader);
    execute format('grant select, delete on vault.secrets, vault.decrypted_secrets to %I', reader);
    execute format(
      'grant execute on function vault.create_secret(text, text, text, uuid), vault.update_secret(uuid, text, text, text, uuid), '
      'vault._crypto_aead_det_decrypt(bytea, bytea, bigint, bytea, bytea) to %I', reader);
  end loop;
end
$$;

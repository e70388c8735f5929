do $$
declare
  wanted text;
begin
  foreach wanted in array array['pgsodium_keyiduser', 'pgsodium_keyholder', 'pgsodium_keymaker'] loop
    if not exists (select from pg_roles where rolname = wanted) then
      execute format('create role %I nologin', wanted);
    end if;
  end loop;
end
$$;
grant pgsodium_keyiduser to pgsodium_keyholder;
grant pgsodium_keyholder to pgsodium_keymaker;

create type pgsodium.key_status as enum ('default', 'valid', 'invalid', 'expired');
create type pgsodium.key_type as enum (
  'aead-ietf', 'aead-det', 'hmacsha512', 'hmacsha256', 'auth', 'shorthash', 'generichash', 'kdf', 'secretbox', 'secretstream', 'stream_xchacha20'
);

create sequence pgsodium.key_key_id_seq;

create table pgsodium.key (
  id uuid primary key default gen_random_uuid(),
  status pgsodium.key_status default 'valid',
  created timestamptz not null default now(),
  expires timestamptz,
  key_type pgsodium.key_type,
  key_id bigint default nextval('pgsodium.key_key_id_seq'),
  key_context bytea default 'pgsodium' check (octet_length(key_context) = 8),
  name text unique,
  associated_data text default 'associated',
  raw_key bytea,
  raw_key_nonce bytea,
  parent_key uuid references pgsodium.key,
  user_data text,
  comment text,
  check (case when raw_key is null then key_id is not null and key_context is not null else key_id is null and parent_key is not null end)
);
alter sequence pgsodium.key_key_id_seq owned by pgsodium.key.key_id;
select pg_extension_config_dump('pgsodium.key', '');
select pg_extension_config_dump('pgsodium.key_key_id_seq', '');

create view pgsodium.valid_key as
  select id, name, status, key_type, key_id, key_context, created, expires, associated_data
  from pgsodium.key
  where status in ('valid', 'default') and (expires is null or expires > now());

create function pgsodium.create_key(
  key_type pgsodium.key_type default 'aead-det', name text default null, raw_key bytea default null, raw_key_nonce bytea default null,
  parent_key uuid default null, key_context bytea default 'pgsodium', expires timestamptz default null, associated_data text default ''
) returns pgsodium.valid_key
language plpgsql security definer set search_path = '' as $$
declare
  created_id uuid;
  key_row pgsodium.valid_key;
begin
  if raw_key is not null then
    raise exception 'the local stand-in of pgsodium keeps derived keys only: raw_key is not supported' using errcode = '0A000';
  end if;
  insert into pgsodium.key (key_type, name, key_context, expires, associated_data)
  values (create_key.key_type, create_key.name, create_key.key_context, create_key.expires, create_key.associated_data)
  returning id into created_id;
  select * into key_row from pgsodium.valid_key v where v.id = created_id;
  return key_row;
end
$$;

create function pgsodium.crypto_aead_det_noncegen() returns bytea
language sql volatile security definer set search_path = '' as $$ select local_aead.new_nonce() $$;

create function pgsodium.crypto_aead_det_keygen() returns bytea
language sql volatile security definer set search_path = '' as $$ select @extschema:pgcrypto@.gen_random_bytes(32) $$;

-- In PL/pgSQL, which keeps its plans: SQL functions would be planned with every token, which the extension's C is not.

-- by raw key
create function pgsodium.crypto_aead_det_encrypt(message bytea, additional bytea, key bytea, nonce bytea default null) returns bytea
language plpgsql immutable security definer set search_path = '' as $$
begin
  return local_aead.seal(message, additional, key, nonce);
end
$$;

create function pgsodium.crypto_aead_det_decrypt(ciphertext bytea, additional bytea, key bytea, nonce bytea default null) returns bytea
language plpgsql immutable security definer set search_path = '' as $$
begin
  return local_aead.open(ciphertext, additional, key, nonce);
end
$$;

-- by the number of a derived key
create function pgsodium.crypto_aead_det_encrypt(
  message bytea, additional bytea, key_id bigint, context bytea default 'pgsodium', nonce bytea default null
) returns bytea
language plpgsql stable security definer set search_path = '' as $$
begin
  return local_aead.seal(message, additional, local_aead.derive_key(key_id, context), nonce);
end
$$;

create function pgsodium.crypto_aead_det_decrypt(
  message bytea, additional bytea, key_id bigint, context bytea default 'pgsodium', nonce bytea default null
) returns bytea
language plpgsql stable security definer set search_path = '' as $$
begin
  return local_aead.open(message, additional, local_aead.derive_key(key_id, context), nonce);
end
$$;

create function pgsodium.derived_key_of(key_uuid uuid) returns bytea
language plpgsql stable security definer set search_path = '' as $$
declare
  key_row pgsodium.key;
begin
  select * into key_row from pgsodium.key k where k.id = key_uuid and k.key_type = 'aead-det';
  if key_row.id is null then
    raise exception 'no key of type aead-det has the id %', key_uuid using errcode = 'P0002';
  end if;
  return local_aead.derive_key(key_row.key_id, key_row.key_context);
end
$$;

-- by uuid
create function pgsodium.crypto_aead_det_encrypt(message bytea, additional bytea, key_uuid uuid, nonce bytea) returns bytea
language plpgsql stable security definer set search_path = '' as $$
begin
  return local_aead.seal(message, additional, pgsodium.derived_key_of(key_uuid), nonce);
end
$$;

create function pgsodium.crypto_aead_det_encrypt(message bytea, additional bytea, key_uuid uuid) returns bytea
language plpgsql stable security definer set search_path = '' as $$
begin
  return local_aead.seal(message, additional, pgsodium.derived_key_of(key_uuid), null);
end
$$;

create function pgsodium.crypto_aead_det_decrypt(message bytea, additional bytea, key_uuid uuid, nonce bytea) returns bytea
language plpgsql stable security definer set search_path = '' as $$
begin
  return local_aead.open(message, additional, pgsodium.derived_key_of(key_uuid), nonce);
end
$$;

create function pgsodium.crypto_aead_det_decrypt(message bytea, additional bytea, key_uuid uuid) returns bytea
language plpgsql stable security definer set search_path = '' as $$
begin
  return local_aead.open(message, additional, pgsodium.derived_key_of(key_uuid), null);
end
$$;

revoke all on all functions in schema pgsodium from public;
revoke all on all tables in schema pgsodium from public;
grant usage on schema pgsodium to pgsodium_keyiduser, service_role;
grant select on pgsodium.valid_key to pgsodium_keyiduser;
grant select, insert, update, delete on pgsodium.key to pgsodium_keymaker;
grant usage on sequence pgsodium.key_key_id_seq to pgsodium_keymaker;
grant execute on all functions in schema pgsodium to pgsodium_keymaker;
revoke execute on function pgsodium.derived_key_of(uuid) from pgsodium_keymaker;
grant execute on function
  pgsodium.crypto_aead_det_encrypt(bytea, bytea, uuid, bytea), pgsodium.crypto_aead_det_decrypt(bytea, bytea, uuid, bytea),
  pgsodium.crypto_aead_det_encrypt(bytea, bytea, uuid), pgsodium.crypto_aead_det_decrypt(bytea, bytea, uuid),
  pgsodium.crypto_aead_det_noncegen() to pgsodium_keyiduser, service_role;
grant execute on function pgsodium.crypto_aead_det_keygen() to service_role;

do $$
begin
  if exists (select from pg_roles where rolname = 'postgres') then
    grant pgsodium_keyiduser, pgsodium_keyholder, pgsodium_keymaker to postgres with admin option;
  end if;
end
$$;

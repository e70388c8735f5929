-- Sealing of tokens. The only place that names pgsodium, so that leaving it touches nothing else.

create function private.sealing_context(p_scheme text, p_organisation uuid, p_integration uuid, p_kind text) returns text
language sql immutable set search_path = ''
as $$
  select concat(p_scheme, '|', p_organisation, '|', p_integration, '|', p_kind);
$$;
comment on function private.sealing_context(text, uuid, uuid, text) is 'What a sealed token is bound to: one moved to another row does not open.';

create function private.seal_with(p_scheme text, p_plain text, p_organisation uuid, p_integration uuid, p_kind text) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  context constant text := private.sealing_context(p_scheme, p_organisation, p_integration, p_kind);
  key_facts jsonb;
  nonce bytea;
  ciphertext bytea;
  secret uuid;
begin
  if p_plain is null then
    return null;
  end if;
  if p_scheme = 'pgsodium-det-1' then
    select c.value::jsonb into key_facts from private.app_config c where c.key = 'sealing_key';
    -- Dynamic: the extension may be missing, and values travel as parameters, which no statement log shows.
    execute 'select pgsodium.crypto_aead_det_noncegen()' into nonce;
    execute 'select pgsodium.crypto_aead_det_encrypt($1, $2, $3, $4)' into ciphertext
      using convert_to(p_plain, 'utf8'), convert_to(context, 'utf8'), (key_facts ->> 'key_uuid')::uuid, nonce;
    if ciphertext is null then
      raise exception 'Seal token: the key is missing' using errcode = '22000';
    end if;
    return key_facts || jsonb_build_object(
      'scheme', p_scheme, 'nonce', encode(nonce, 'hex'), 'ciphertext', encode(ciphertext, 'hex'));
  elsif p_scheme = 'vault-1' then
    -- Empty first: Vault inserts what create_secret is given in plain text and encrypts it by an update, so that a
    -- dead tuple and the WAL would keep the token.
    execute 'select vault.create_secret($1)' into secret using ''::text;
    execute 'select vault.update_secret($1, $2)'
      using secret, jsonb_build_object('context', context, 'token', p_plain)::text;
    return jsonb_build_object('scheme', p_scheme, 'secret_id', secret);
  end if;
  raise exception 'Seal token: the scheme % is unknown', coalesce(p_scheme, '(none)') using errcode = '22023';
end
$$;
comment on function private.seal_with(text, text, uuid, uuid, text) is 'Seals by a named scheme; private.seal_token uses the live one.';

create function private.open_token(p_envelope jsonb, p_organisation uuid, p_integration uuid, p_kind text) returns text
language plpgsql security definer set search_path = ''
as $$
declare
  scheme constant text := p_envelope ->> 'scheme';
  context constant text := private.sealing_context(scheme, p_organisation, p_integration, p_kind);
  way text;
  opened bytea;
  kept jsonb;
begin
  if p_envelope is null then
    return null;
  end if;
  if scheme = 'pgsodium-det-1' then
    -- By uuid; without the key's row, by its number; without the extension, by the same cipher inside Vault.
    foreach way in array array[
      'select pgsodium.crypto_aead_det_decrypt($1, $2, $3, $6)',
      'select pgsodium.crypto_aead_det_decrypt($1, $2, $4, $5, $6)',
      'select vault._crypto_aead_det_decrypt($1, $2, $4, $5, $6)'
    ] loop
      begin
        execute way into opened
          using decode(p_envelope ->> 'ciphertext', 'hex'), convert_to(context, 'utf8'), (p_envelope ->> 'key_uuid')::uuid,
            (p_envelope ->> 'key_id')::bigint, decode(p_envelope ->> 'key_context', 'hex'), decode(p_envelope ->> 'nonce', 'hex');
        if opened is not null then
          return convert_from(opened, 'utf8');
        end if;
      exception
        when others then
          null; -- the next way decides; what failed may quote the envelope, so it goes no further
      end;
    end loop;
  elsif scheme = 'vault-1' then
    begin
      execute 'select s.decrypted_secret::jsonb from vault.decrypted_secrets s where s.id = $1' into kept
        using (p_envelope ->> 'secret_id')::uuid;
    exception
      when others then
        kept := null;
    end;
    if kept ->> 'context' = context then
      return kept ->> 'token';
    end if;
  end if;
  raise exception 'Open token: it was changed, belongs to another row, or its key is gone' using errcode = '22000';
end
$$;
comment on function private.open_token(jsonb, uuid, uuid, text) is 'Opens a token for exactly the row and kind it was sealed for, or raises 22000 without quoting anything.';

create function private.token_opens(p_envelope jsonb, p_organisation uuid, p_integration uuid, p_kind text) returns boolean
language plpgsql stable security definer set search_path = ''
as $$
begin
  return private.open_token(p_envelope, p_organisation, p_integration, p_kind) is not null;
exception
  when data_exception then
    return false;
end
$$;
comment on function private.token_opens(jsonb, uuid, uuid, text) is
  'Whether a token opens for this row and kind; an envelope that is null does not.';

create function private.forget_token(p_envelope jsonb) returns void
language plpgsql security definer set search_path = ''
as $$
begin
  if p_envelope ->> 'scheme' = 'vault-1' and to_regclass('vault.secrets') is not null then
    execute 'delete from vault.secrets s where s.id = $1' using (p_envelope ->> 'secret_id')::uuid;
  end if;
end
$$;
comment on function private.forget_token(jsonb) is 'Deletes what a seal keeps outside its envelope.';

create function private.forget_replaced_tokens() returns trigger
language plpgsql security definer set search_path = ''
as $$
declare
  kept jsonb := case when tg_op = 'DELETE' then '{}'::jsonb else to_jsonb(new) end;
  field record;
begin
  for field in select f.key, f.value from jsonb_each(to_jsonb(old)) f where jsonb_typeof(f.value) = 'object' loop
    if kept -> field.key is distinct from field.value then
      perform private.forget_token(field.value);
    end if;
  end loop;
  return null;
end
$$;
comment on function private.forget_replaced_tokens() is 'After-row trigger: an envelope that left its row leaves no secret behind.';

create trigger app_config_forget after update or delete on private.app_config
  for each row execute function private.forget_replaced_tokens();

create table private.sealed_columns (
  relation text not null,
  envelope text not null,
  organisation text not null,
  integration text not null,
  kind text not null,
  primary key (relation, envelope)
);
comment on table private.sealed_columns is
  'Every column that holds sealed tokens, with the SQL expressions of a row that its tokens are bound to: what '
  'private.rewrap_tokens() goes through. A migration adds the columns that it makes.';
alter table private.sealed_columns enable row level security;
revoke all on private.sealed_columns from public, anon, authenticated, service_role;

-- Settings belong to no practice; their kind is their key: nudge_secret is sealed as nudge.
insert into private.sealed_columns (relation, envelope, organisation, integration, kind) values (
  'private.app_config', 'sealed',
  $$'00000000-0000-0000-0000-000000000000'::uuid$$, $$'00000000-0000-0000-0000-000000000000'::uuid$$,
  $$regexp_replace(key, '_secret$', '')$$
);

create table private.sealing_canaries (
  scheme text primary key,
  sealed jsonb not null,
  created_at timestamptz not null default now()
);
comment on table private.sealing_canaries is
  'A sample for each scheme, sealed when the scheme became live: it opens only with the root key that sealed the tokens.';
alter table private.sealing_canaries enable row level security;
revoke all on private.sealing_canaries from public, anon, authenticated, service_role;
create trigger sealing_canaries_forget after update or delete on private.sealing_canaries
  for each row execute function private.forget_replaced_tokens();

create function private.canary_opens(p_sealed jsonb) returns boolean
language sql stable security definer set search_path = ''
as $$
  select private.token_opens(
    p_sealed, '00000000-0000-0000-0000-000000000000', '00000000-0000-0000-0000-000000000000', 'canary');
$$;
comment on function private.canary_opens(jsonb) is 'Whether this canary opens with the root key that the database has now.';

create function private.sealing_key_fits() returns boolean
language sql stable security definer set search_path = ''
as $$
  select exists (
    select from private.sealing_canaries canary
    join private.app_config c on c.key = 'seal_scheme' and c.value = canary.scheme
    where private.canary_opens(canary.sealed)
  );
$$;
comment on function private.sealing_key_fits() is
  'Whether the live scheme''s key is the one that sealed the tokens here. One decryption: cheap enough for every claim.';

create function private.refuse_foreign_key() returns void
language plpgsql stable security definer set search_path = ''
as $$
declare
  foreign_to text;
begin
  select string_agg(canary.scheme, ', ' order by canary.scheme) into foreign_to
    from private.sealing_canaries canary where not private.canary_opens(canary.sealed);
  if foreign_to is not null then
    raise exception 'Use the sealing key: it is not the one that sealed the tokens here (%)', foreign_to
      using errcode = '55000',
        hint = 'Put the old root key back, or give up what it sealed: select private.accept_new_key();';
  end if;
end
$$;
comment on function private.refuse_foreign_key() is
  'Raises 55000 while a canary does not open, so that nothing is sealed by a second root key beside what the first sealed.';

create function private.seal_token(p_plain text, p_organisation uuid, p_integration uuid, p_kind text) returns jsonb
language plpgsql security definer set search_path = ''
as $$
begin
  perform private.refuse_foreign_key();
  return private.seal_with(
    (select c.value from private.app_config c where c.key = 'seal_scheme'), p_plain, p_organisation, p_integration, p_kind);
end
$$;
comment on function private.seal_token(text, uuid, uuid, text) is 'Seals a token by the live scheme. The envelope describes itself: a key''s uuid alone would die with the extension.';

create function private.use_sealing(p_scheme text) returns void
language plpgsql security definer set search_path = ''
as $$
declare
  nobody constant uuid := '00000000-0000-0000-0000-000000000000';
  key_facts jsonb;
  trial jsonb;
begin
  perform private.refuse_foreign_key();
  if p_scheme = 'pgsodium-det-1' then
    if not exists (select from pg_catalog.pg_extension e where e.extname = 'pgsodium') then
      raise exception 'Use pgsodium: the extension is not installed' using errcode = '55000';
    end if;
    execute $key$
      select jsonb_build_object('key_uuid', k.id, 'key_id', k.key_id, 'key_context', encode(k.key_context, 'hex'))
      from pgsodium.valid_key k where k.name = 'cassius_calendar_tokens' and k.key_type = 'aead-det'
    $key$ into key_facts;
    if key_facts is null then
      execute $key$
        select jsonb_build_object('key_uuid', k.id, 'key_id', k.key_id, 'key_context', encode(k.key_context, 'hex'))
        from pgsodium.create_key(key_type => 'aead-det', name => 'cassius_calendar_tokens') k
      $key$ into key_facts;
    end if;
    insert into private.app_config (key, value) values ('sealing_key', key_facts::text)
      on conflict (key) do update set value = excluded.value, updated_at = now();
  end if;
  trial := private.seal_with(p_scheme, 'canary', nobody, nobody, 'canary');
  if private.open_token(trial, nobody, nobody, 'canary') is distinct from 'canary' then
    raise exception 'Try sealing by %: the token came back changed', p_scheme using errcode = '22000';
  end if;
  -- Replaced whenever a scheme becomes live, so that the canary is sealed by the very key that tokens are sealed by.
  insert into private.sealing_canaries (scheme, sealed) values (p_scheme, trial)
    on conflict (scheme) do update set sealed = excluded.sealed, created_at = now();
  insert into private.app_config (key, value) values ('seal_scheme', p_scheme)
    on conflict (key) do update set value = excluded.value, updated_at = now();
end
$$;
comment on function private.use_sealing(text) is
  'Makes a scheme the live one after a round trip, whose sample stays as its canary, or raises and changes nothing. '
  'Tokens sealed before stay readable.';

create function private.choose_sealing() returns text
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
comment on function private.choose_sealing() is 'Probes what this database offers, pgsodium first, and makes it the live scheme.';

create function private.seal_health() returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
declare
  scheme text;
  key_uuid uuid;
  present boolean := false;
begin
  select c.value into scheme from private.app_config c where c.key = 'seal_scheme';
  if scheme = 'pgsodium-det-1' then
    select (c.value::jsonb ->> 'key_uuid')::uuid into key_uuid from private.app_config c where c.key = 'sealing_key';
    if to_regclass('pgsodium.valid_key') is not null then
      execute 'select exists (select from pgsodium.valid_key k where k.id = $1)' into present using key_uuid;
    end if;
  elsif scheme = 'vault-1' then
    present := to_regclass('vault.secrets') is not null;
  end if;
  return jsonb_build_object(
    'scheme', scheme, 'keyPresent', present, 'keyFits', private.sealing_key_fits(),
    'fallback', scheme is distinct from 'pgsodium-det-1');
end
$$;
comment on function private.seal_health() is
  '{scheme, keyPresent, keyFits, fallback}: the live scheme, whether its key is there, and whether it opens what was sealed.';

revoke execute on function
  private.sealing_context(text, uuid, uuid, text), private.seal_with(text, text, uuid, uuid, text),
  private.seal_token(text, uuid, uuid, text), private.open_token(jsonb, uuid, uuid, text), private.forget_token(jsonb),
  private.forget_replaced_tokens(), private.use_sealing(text), private.choose_sealing(), private.seal_health(),
  private.canary_opens(jsonb), private.sealing_key_fits(), private.refuse_foreign_key(),
  private.token_opens(jsonb, uuid, uuid, text)
from public, anon, authenticated, service_role;

do $$
begin
  perform private.choose_sealing();
end
$$;

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
    execute 'select vault.create_secret($1)' into secret
      using jsonb_build_object('context', context, 'token', p_plain)::text;
    return jsonb_build_object('scheme', p_scheme, 'secret_id', secret);
  end if;
  raise exception 'Seal token: the scheme % is unknown', coalesce(p_scheme, '(none)') using errcode = '22023';
end
$$;
comment on function private.seal_with(text, text, uuid, uuid, text) is 'Seals by a named scheme; private.seal_token uses the live one.';

create function private.seal_token(p_plain text, p_organisation uuid, p_integration uuid, p_kind text) returns jsonb
language sql security definer set search_path = ''
as $$
  select private.seal_with(
    (select c.value from private.app_config c where c.key = 'seal_scheme'), p_plain, p_organisation, p_integration, p_kind);
$$;
comment on function private.seal_token(text, uuid, uuid, text) is 'Seals a token by the live scheme. The envelope describes itself: a key''s uuid alone would die with the extension.';

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

create function private.use_sealing(p_scheme text) returns void
language plpgsql security definer set search_path = ''
as $$
declare
  sample constant text := encode(extensions.gen_random_bytes(24), 'hex');
  nobody constant uuid := gen_random_uuid();
  key_facts jsonb;
  trial jsonb;
begin
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
  trial := private.seal_with(p_scheme, sample, nobody, nobody, 'trial');
  if private.open_token(trial, nobody, nobody, 'trial') is distinct from sample then
    raise exception 'Try sealing by %: the token came back changed', p_scheme using errcode = '22000';
  end if;
  perform private.forget_token(trial);
  insert into private.app_config (key, value) values ('seal_scheme', p_scheme)
    on conflict (key) do update set value = excluded.value, updated_at = now();
end
$$;
comment on function private.use_sealing(text) is 'Makes a scheme the live one after a round trip, or raises and changes nothing. Tokens sealed before stay readable.';

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
  return jsonb_build_object('scheme', scheme, 'keyPresent', present, 'fallback', scheme is distinct from 'pgsodium-det-1');
end
$$;
comment on function private.seal_health() is '{scheme, keyPresent, fallback}: which scheme is live and whether its key is where it should be.';

revoke execute on function
  private.sealing_context(text, uuid, uuid, text), private.seal_with(text, text, uuid, uuid, text),
  private.seal_token(text, uuid, uuid, text), private.open_token(jsonb, uuid, uuid, text), private.forget_token(jsonb),
  private.forget_replaced_tokens(), private.use_sealing(text), private.choose_sealing(), private.seal_health()
from public, anon, authenticated, service_role;

do $$
begin
  perform private.choose_sealing();
end
$$;

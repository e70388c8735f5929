create or replace function private.seal_with(p_scheme text, p_plain text, p_organisation uuid, p_integration uuid, p_kind text) returns jsonb
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

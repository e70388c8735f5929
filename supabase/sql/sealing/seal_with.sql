create or replace function private.seal_with(
  p_scheme text, p_plain text, p_organisation uuid, p_integration uuid, p_kind text
) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_context constant text := private.sealing_context(p_scheme, p_organisation, p_integration, p_kind);
  v_key jsonb;
  v_nonce bytea;
  v_ciphertext bytea;
  v_secret uuid;
begin
  if p_plain is null then
    return null;
  end if;
  if p_scheme = 'pgsodium-det-1' then
    select c.value::jsonb into v_key from private.app_config c where c.key = 'sealing_key';
    -- Dynamic: the extension may be missing, and values travel as parameters, which no statement log shows.
    execute 'select pgsodium.crypto_aead_det_noncegen()' into v_nonce;
    execute 'select pgsodium.crypto_aead_det_encrypt($1, $2, $3, $4)' into v_ciphertext
      using convert_to(p_plain, 'utf8'), convert_to(v_context, 'utf8'), (v_key ->> 'key_uuid')::uuid, v_nonce;
    if v_ciphertext is null then
      raise exception 'Seal token: the key is missing' using errcode = '22000';
    end if;
    return v_key || jsonb_build_object(
      'scheme', p_scheme, 'nonce', encode(v_nonce, 'hex'), 'ciphertext', encode(v_ciphertext, 'hex'));
  elsif p_scheme = 'vault-1' then
    -- Empty first: Vault inserts what create_secret is given in plain text and encrypts it by an update, so that a
    -- dead tuple and the WAL would keep the token.
    execute 'select vault.create_secret($1)' into v_secret using ''::text;
    execute 'select vault.update_secret($1, $2)'
      using v_secret, jsonb_build_object('context', v_context, 'token', p_plain)::text;
    return jsonb_build_object('scheme', p_scheme, 'secret_id', v_secret);
  end if;
  raise exception 'Seal token: the scheme % is unknown', coalesce(p_scheme, '(none)') using errcode = '22023';
end
$$;
comment on function private.seal_with(text, text, uuid, uuid, text) is
  'Seals by a named scheme; private.seal_token uses the live one. The envelope is {scheme, key_uuid, key_id, '
  'key_context, nonce, ciphertext} of pgsodium, {scheme, secret_id} of Vault.';

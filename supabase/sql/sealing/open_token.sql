create or replace function private.open_token(
  p_envelope jsonb, p_organisation uuid, p_integration uuid, p_kind text
) returns text
language plpgsql security definer set search_path = ''
as $$
declare
  v_scheme constant text := p_envelope ->> 'scheme';
  v_context constant text := private.sealing_context(v_scheme, p_organisation, p_integration, p_kind);
  v_way text;
  v_opened bytea;
  v_kept jsonb;
begin
  if p_envelope is null then
    return null;
  end if;
  if v_scheme = 'pgsodium-det-1' then
    -- By uuid; without the key's row, by its number; without the extension, by the same cipher inside Vault.
    foreach v_way in array array[
      'select pgsodium.crypto_aead_det_decrypt($1, $2, $3, $6)',
      'select pgsodium.crypto_aead_det_decrypt($1, $2, $4, $5, $6)',
      'select vault._crypto_aead_det_decrypt($1, $2, $4, $5, $6)'
    ] loop
      begin
        execute v_way into v_opened
          using decode(p_envelope ->> 'ciphertext', 'hex'), convert_to(v_context, 'utf8'),
            (p_envelope ->> 'key_uuid')::uuid, (p_envelope ->> 'key_id')::bigint,
            decode(p_envelope ->> 'key_context', 'hex'), decode(p_envelope ->> 'nonce', 'hex');
        if v_opened is not null then
          return convert_from(v_opened, 'utf8');
        end if;
      exception
        when others then
          null; -- the next way decides; what failed may quote the envelope, so it goes no further
      end;
    end loop;
  elsif v_scheme = 'vault-1' then
    begin
      execute 'select s.decrypted_secret::jsonb from vault.decrypted_secrets s where s.id = $1' into v_kept
        using (p_envelope ->> 'secret_id')::uuid;
    exception
      when others then
        v_kept := null;
    end;
    if v_kept ->> 'context' = v_context then
      return v_kept ->> 'token';
    end if;
  end if;
  raise exception 'Open token: it was changed, belongs to another row, or its key is gone' using errcode = '22000';
end
$$;
comment on function private.open_token(jsonb, uuid, uuid, text) is
  'Opens a token for exactly the row and kind it was sealed for, or raises 22000 without quoting anything. p_envelope: '
  '{scheme, …}, as private.seal_with makes it.';

create or replace function private.open_token(p_envelope jsonb, p_organisation uuid, p_integration uuid, p_kind text) returns text
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

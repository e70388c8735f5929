-- Ciphertext is 32 bytes of tag followed by as many bytes as the message has, like the cipher it replaces.
-- The tag is an HMAC over everything; the key stream is AES-256 in output feedback from the tag (CBC over zeros), so equal inputs give equal
-- ciphertexts and any change to key, associated data, nonce or ciphertext is noticed. Not the same bytes as libsodium's.

create function local_aead.root_key() returns bytea
language plpgsql stable strict security definer set search_path = '' as $$
begin
  -- beside the data directory, never inside it: a copy of the database alone must not open its secrets
  return decode(trim(pg_catalog.pg_read_file(current_setting('data_directory') || '/../root.key')), 'hex');
end
$$;

create function local_aead.derive_key(key_id bigint, context bytea) returns bytea
language plpgsql stable strict security definer set search_path = '' as $$
begin
  if octet_length(context) <> 8 then
    raise exception 'key context must be 8 bytes' using errcode = '22000';
  end if;
  return @extschema:pgcrypto@.hmac(int8send(key_id) || context, local_aead.root_key(), 'sha256');
end
$$;

create function local_aead.key_stream(key bytea, tag bytea, size integer) returns varbit
language plpgsql immutable as $$
begin
  return ('x' || encode(substr(@extschema:pgcrypto@.encrypt_iv(
    decode(repeat('00', (size + 15) / 16 * 16), 'hex'), key, substr(tag, 1, 16), 'aes-cbc/pad:none'), 1, size), 'hex'))::varbit;
end
$$;

create function local_aead.tag(key bytea, message bytea, additional bytea, nonce bytea) returns bytea
language plpgsql immutable as $$
begin
  return @extschema:pgcrypto@.hmac(
    int4send(octet_length(additional)) || additional || int4send(octet_length(nonce)) || nonce || message, key || '\x01'::bytea, 'sha256');
end
$$;

create function local_aead.apply_stream(key bytea, tag bytea, message bytea) returns bytea
language plpgsql immutable as $$
declare
  size integer := octet_length(message);
begin
  if size = 0 then
    return message;
  end if;
  -- varbit_send puts a length of four bytes before the bits
  return substr(varbit_send(('x' || encode(message, 'hex'))::varbit # local_aead.key_stream(key, tag, size)), 5);
end
$$;

create function local_aead.seal(message bytea, additional bytea, key bytea, nonce bytea) returns bytea
language plpgsql immutable as $$
declare
  found_tag bytea;
begin
  if octet_length(key) is distinct from 32 then
    raise exception 'invalid key: % bytes instead of 32', coalesce(octet_length(key), 0) using errcode = '22000';
  end if;
  if nonce is not null and octet_length(nonce) <> 16 then
    raise exception 'invalid nonce: % bytes instead of 16', octet_length(nonce) using errcode = '22000';
  end if;
  if message is null then
    return null;
  end if;
  found_tag := local_aead.tag(key, message, coalesce(additional, ''), coalesce(nonce, ''));
  return found_tag || local_aead.apply_stream(key, found_tag, message);
end
$$;

create function local_aead.open(ciphertext bytea, additional bytea, key bytea, nonce bytea) returns bytea
language plpgsql immutable as $$
declare
  message bytea;
begin
  if ciphertext is null then
    return null;
  end if;
  if octet_length(key) is distinct from 32 or octet_length(ciphertext) < 32 then
    raise exception 'invalid ciphertext' using errcode = '22000';
  end if;
  message := local_aead.apply_stream(key, substr(ciphertext, 1, 32), substr(ciphertext, 33));
  if local_aead.tag(key, message, coalesce(additional, ''), coalesce(nonce, '')) <> substr(ciphertext, 1, 32) then
    raise exception 'invalid ciphertext' using errcode = '22000';
  end if;
  return message;
end
$$;

create function local_aead.new_nonce() returns bytea
language sql volatile as $$ select @extschema:pgcrypto@.gen_random_bytes(16) $$;

revoke all on schema local_aead from public;
revoke all on all functions in schema local_aead from public;

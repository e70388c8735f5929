create or replace function private.rewrapped(
  p_envelope jsonb, p_organisation uuid, p_integration uuid, p_kind text
) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_scheme text;
  v_key_uuid text;
begin
  select c.value into v_scheme from private.app_config c where c.key = 'seal_scheme';
  select c.value::jsonb ->> 'key_uuid' into v_key_uuid from private.app_config c where c.key = 'sealing_key';
  if p_envelope is null
    or (p_envelope ->> 'scheme' = v_scheme and (v_scheme = 'vault-1' or p_envelope ->> 'key_uuid' = v_key_uuid)) then
    return p_envelope;
  end if;
  return private.seal_token(
    private.open_token(p_envelope, p_organisation, p_integration, p_kind), p_organisation, p_integration, p_kind);
end
$$;
comment on function private.rewrapped(jsonb, uuid, uuid, text) is
  'The envelope under the live scheme and key; the same one if it is already. p_envelope: {scheme, …}, as '
  'private.seal_with makes it.';

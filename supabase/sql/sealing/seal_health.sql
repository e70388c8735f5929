create or replace function private.seal_health() returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
declare
  v_scheme text;
  v_key_uuid uuid;
  v_present boolean := false;
begin
  select c.value into v_scheme from private.app_config c where c.key = 'seal_scheme';
  if v_scheme = 'pgsodium-det-1' then
    select (c.value::jsonb ->> 'key_uuid')::uuid into v_key_uuid from private.app_config c where c.key = 'sealing_key';
    if to_regclass('pgsodium.valid_key') is not null then
      execute 'select exists (select from pgsodium.valid_key k where k.id = $1)' into v_present using v_key_uuid;
    end if;
  elsif v_scheme = 'vault-1' then
    v_present := to_regclass('vault.secrets') is not null;
  end if;
  return jsonb_build_object(
    'scheme', v_scheme, 'keyPresent', v_present, 'keyFits', private.sealing_key_fits(),
    'fallback', v_scheme is distinct from 'pgsodium-det-1');
end
$$;
comment on function private.seal_health() is
  '{scheme, keyPresent, keyFits, fallback}: the live scheme, whether its key is there, and whether it opens what was '
  'sealed.';

create or replace function private.use_sealing(p_scheme text) returns void
language plpgsql security definer set search_path = ''
as $$
declare
  v_nobody constant uuid := '00000000-0000-0000-0000-000000000000'::uuid;
  v_key jsonb;
  v_trial jsonb;
begin
  perform private.refuse_foreign_key();
  if p_scheme = 'pgsodium-det-1' then
    if not exists (select from pg_catalog.pg_extension e where e.extname = 'pgsodium') then
      raise exception 'Use pgsodium: the extension is not installed' using errcode = '55000';
    end if;
    execute $key$
      select jsonb_build_object('key_uuid', k.id, 'key_id', k.key_id, 'key_context', encode(k.key_context, 'hex'))
      from pgsodium.valid_key k where k.name = 'cassius_calendar_tokens' and k.key_type = 'aead-det'
    $key$ into v_key;
    if v_key is null then
      execute $key$
        select jsonb_build_object('key_uuid', k.id, 'key_id', k.key_id, 'key_context', encode(k.key_context, 'hex'))
        from pgsodium.create_key(key_type => 'aead-det', name => 'cassius_calendar_tokens') k
      $key$ into v_key;
    end if;
    insert into private.app_config (key, value) values ('sealing_key', v_key::text)
      on conflict (key) do update set value = excluded.value, updated_at = now();
  end if;
  v_trial := private.seal_with(p_scheme, 'canary', v_nobody, v_nobody, 'canary');
  if private.open_token(v_trial, v_nobody, v_nobody, 'canary') is distinct from 'canary' then
    raise exception 'Try sealing by %: the token came back changed', p_scheme using errcode = '22000';
  end if;
  -- Replaced whenever a scheme becomes live, so that the canary is sealed by the very key that tokens are sealed by.
  insert into private.sealing_canaries (scheme, sealed) values (p_scheme, v_trial)
    on conflict (scheme) do update set sealed = excluded.sealed, created_at = now();
  insert into private.app_config (key, value) values ('seal_scheme', p_scheme)
    on conflict (key) do update set value = excluded.value, updated_at = now();
end
$$;
comment on function private.use_sealing(text) is
  'Makes a scheme the live one after a round trip, whose sample stays as its canary, or raises and changes nothing. '
  'Tokens sealed before stay readable.';

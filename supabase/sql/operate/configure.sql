create or replace function private.configure(p_functions_url text, p_nudge_secret text default null) returns text
language plpgsql security definer set search_path = ''
as $$
declare
  v_nobody constant uuid := '00000000-0000-0000-0000-000000000000'::uuid;
  v_made text;
begin
  if p_functions_url !~ '^https?://[^[:space:]]+$' then
    raise exception 'Configure the nudge: the address of the functions is no http address' using errcode = '22023';
  end if;
  if p_nudge_secret !~ '^whsec_[A-Za-z0-9+/=]{32,}$' then
    raise exception 'Configure the nudge: the secret must be whsec_ and at least 32 base64 characters'
    using errcode = '22023';
  end if;
  insert into private.app_config (key, value) values ('functions_url', rtrim(p_functions_url, '/'))
  on conflict (key) do update set value = excluded.value, updated_at = now();
  if p_nudge_secret is null then
    if exists (select from private.app_config c where c.key = 'nudge_secret') then
      return null;
    end if;
    v_made := 'whsec_' || encode(extensions.gen_random_bytes(32), 'base64');
  end if;
  insert into private.app_config (key, sealed)
  values ('nudge_secret', private.seal_token(coalesce(p_nudge_secret, v_made), v_nobody, v_nobody, 'nudge'))
  on conflict (key) do update set sealed = excluded.sealed, updated_at = now();
  return v_made;
end
$$;
comment on function private.configure(text, text) is
  'Once a deployment: where the functions are, and the secret that they share with the nudge. Without one given it '
  'makes one where there is none, and returns it: a secret that is typed is written to the log if its statement fails.';

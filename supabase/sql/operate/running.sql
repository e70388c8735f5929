create or replace function private.running(p_organisation uuid, p_providers text[]) returns text[]
language sql stable security definer set search_path = ''
as $$
  select coalesce(array_agg(x.provider), '{}')
  from unnest(p_providers) as x (provider)
  where private.paused(p_organisation, x.provider) is null;
$$;
comment on function private.running(uuid, text[]) is
  'Those of the providers that are not paused for this practice: the ones to wake.';

create or replace function private.paused(p_organisation uuid, p_provider text) returns text
language plpgsql stable security definer set search_path = ''
as $$
begin
  return (
    select p.scope from private.sync_pauses p
    where p.scope = 'all'
      or (p.scope = 'practice' and p.key = p_organisation::text)
      or (p.scope = 'provider' and p.key = p_provider)
    order by p.scope
    limit 1
  );
end
$$;
comment on function private.paused(uuid, text) is
  'Null, or why this practice and provider are stopped: all, practice or provider, the first of them. '
  'Without a practice: whether the whole provider does.';

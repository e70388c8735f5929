create or replace function private.is_young(p_at timestamptz) returns boolean
language sql stable security definer set search_path = ''
as $$
  select coalesce(p_at > private.clock() - interval '10 minutes', false);
$$;
comment on function private.is_young(timestamptz) is
  'Whether what was written then may not be seen yet by every read of its provider.';

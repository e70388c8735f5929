create or replace function private.providers() returns text[]
language sql immutable set search_path = ''
as $$
  select array['google', 'microsoft'];
$$;
comment on function private.providers() is 'The providers that there are.';

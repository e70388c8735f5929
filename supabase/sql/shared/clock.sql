create or replace function private.clock() returns timestamptz
language sql stable security definer set search_path = ''
as $$
  select now() + coalesce((select c.value::interval from private.app_config c where c.key = 'clock_offset'),
    interval '0');
$$;
comment on function private.clock() is
  'The time by which leases, retries and expiries are judged: the database''s own, moved by app_config.clock_offset '
  'in tests only.';

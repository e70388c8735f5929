create or replace function private.clock() returns timestamptz
language plpgsql stable security definer set search_path = ''
as $$
begin
  -- PL/pgSQL keeps its plan; a function in SQL is planned again by every statement that calls it.
  return now() + coalesce((select c.value::interval from private.app_config c where c.key = 'clock_offset'),
    interval '0');
end
$$;
comment on function private.clock() is
  'The time by which leases, retries and expiries are judged: the database''s own, moved by app_config.clock_offset '
  'in tests only.';

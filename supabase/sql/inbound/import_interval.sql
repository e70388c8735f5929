create or replace function private.import_interval() returns interval
language sql stable security definer set search_path = ''
as $$
  select coalesce((select c.value::interval from private.app_config c where c.key = 'import_interval'),
    interval '5 minutes');
$$;
comment on function private.import_interval() is 'Time between two polls of a followed calendar, before jitter.';

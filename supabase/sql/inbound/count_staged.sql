create or replace function private.count_staged(p_run uuid) returns private.staged_counts
language sql stable security definer set search_path = ''
as $$
  select (
    count(*) filter (where s.action = 'create'), count(*) filter (where s.action = 'update'), count(*) filter (where s.action = 'cancel'),
    count(*) filter (where s.action = 'fail'), count(*) filter (where s.action = 'own'),
    count(*) filter (where s.action = 'none' and s.reason in ('declined', 'not_an_appointment', 'exported', 'colleague', 'kept')),
    count(*) filter (where s.action = 'none' and s.reason = 'exported')
  )::private.staged_counts
  from private.import_staging s where s.run_id = p_run;
$$;
comment on function private.count_staged(uuid) is 'Counts what was decided, in one pass; what nothing was decided for is not looked at again.';

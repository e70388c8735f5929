create or replace function private.count_staged(p_run private.import_runs, p_known integer) returns private.import_tally
language plpgsql stable security definer set search_path = ''
as $$
begin
  return (
    select (
      count(*) filter (where s.action = 'create'), count(*) filter (where s.action = 'update'),
      count(*) filter (where s.action = 'cancel'), count(*) filter (where s.action = 'fail'),
      count(*) filter (where s.action = 'own'),
      count(*) filter (where s.action = 'none' and private.is_passed_over(s.reason)), p_known, 0
    )::private.import_tally
    from private.import_staging s where s.run_id = p_run.id
  );
end
$$;
comment on function private.count_staged(private.import_runs, integer) is
  'Counts what was decided, in one pass; what nothing was decided for is not looked at again. p_known: known_events, '
  'or 0 where it is not told.';

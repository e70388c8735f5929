create or replace function private.hold_changes(p_run private.import_runs) returns void
language sql security definer set search_path = ''
as $$
  update private.import_staging s set action = 'hold', reason = null
  where s.run_id = p_run.id and s.event_id in (select w.event_id from private.weighty_changes(p_run) w);
$$;
comment on function private.hold_changes(private.import_runs) is
  'What is too much at once waits for a person; the rest of the run comes in.';

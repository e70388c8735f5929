create or replace function private.begin_run(p_run private.import_runs) returns void
language plpgsql security definer set search_path = ''
as $$
begin
  -- What an earlier reading of it staged goes with it.
  delete from private.import_runs r where r.id = p_run.id;
  insert into private.import_runs values (p_run.*);
  insert into private.staged_runs (run_id) values (p_run.id);
  insert into public.sync_runs as x
    (id, organisation_id, integration_id, direction, trigger, started_at, mode, calendar_id, window_from, window_to)
  values (
    p_run.id, p_run.organisation_id, p_run.integration_id,
    'import', p_run.trigger, p_run.started_at, p_run.mode, p_run.calendar_id, p_run.window_from, p_run.window_to
  )
  on conflict (id) do update set
    started_at = excluded.started_at, window_from = excluded.window_from, window_to = excluded.window_to,
    finished_at = null, error = null, pages = 0, events = 0;
end
$$;
comment on function private.begin_run(private.import_runs) is
  'Begins to read a calendar from the start, with its row in the journal. A run in progress that cannot go on where '
  'it was keeps its id.';

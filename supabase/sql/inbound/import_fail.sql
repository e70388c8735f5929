create or replace function public.import_fail(
  p_worker uuid, p_run uuid, p_code text, p_retry_seconds integer, p_cursor_expired boolean,
  p_project boolean default false
) returns jsonb
language plpgsql security definer set search_path = '' set statement_timeout = '8s'
as $$
declare
  v_run private.import_runs := private.leased_run(p_worker, p_run);
begin
  if v_run.id is null then
    return to_jsonb(false);
  end if;
  if p_project then
    -- It is nothing of this calendar's.
    perform private.slow_project(c.provider, p_retry_seconds) from private.calendar_cursors c
    where c.integration_id = v_run.integration_id and c.calendar_id = v_run.calendar_id;
    perform private.end_import(v_run.integration_id, v_run.calendar_id, p_code, null,
      private.clock() + private.jittered(make_interval(secs => p_retry_seconds)));
  elsif p_cursor_expired then
    perform private.end_import(v_run.integration_id, v_run.calendar_id, 'CURSOR_EXPIRED', null, private.clock());
    update private.calendar_cursors c set sync_token = null, last_error = null
    where c.integration_id = v_run.integration_id and c.calendar_id = v_run.calendar_id;
  else
    perform private.fail_import(v_run.integration_id, v_run.calendar_id, p_code, p_retry_seconds);
    if p_code = 'CALENDAR_NOT_FOUND' then
      perform private.miss_calendar(v_run);
    end if;
  end if;
  return to_jsonb(true);
end
$$;
comment on function public.import_fail(uuid, uuid, text, integer, boolean, boolean) is
  'Service only: ends a run that could not be finished; nothing of it was applied, and the cursor stays unless it is '
  'the cursor that is dead. p_project: the provider refused for the sake of our whole project, and everything waits.';
grant execute on function public.import_fail(uuid, uuid, text, integer, boolean, boolean) to service_role;

create or replace function private.fail_import(
  p_integration uuid, p_calendar text, p_code text, p_retry_seconds integer
) returns void
language plpgsql security definer set search_path = ''
as $$
declare
  v_failures integer;
begin
  select c.failures into v_failures from private.calendar_cursors c
  where c.integration_id = p_integration and c.calendar_id = p_calendar;
  perform private.end_import(p_integration, p_calendar, p_code, null, private.clock() + private.jittered(make_interval(
    secs => greatest(coalesce(p_retry_seconds, 0), least(30 * 2 ^ least(v_failures, 10), 3600)::integer))));
  update private.calendar_cursors c set failures = c.failures + 1
  where c.integration_id = p_integration and c.calendar_id = p_calendar;
end
$$;
comment on function private.fail_import(uuid, text, text, integer) is
  'Ends a run as failed: nothing of it is applied, its code shows in the status, and the pause grows with every '
  'failure in a row, from half a minute to an hour.';

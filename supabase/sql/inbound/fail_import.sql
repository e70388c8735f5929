create or replace function private.fail_import(c private.calendar_cursors, p_code text, p_retry_seconds integer) returns void
language plpgsql security definer set search_path = ''
as $$
begin
  perform private.end_import(c, p_code, null, private.clock() + private.jittered(make_interval(
    secs => greatest(coalesce(p_retry_seconds, 0), least(30 * 2 ^ least(c.failures, 10), 3600)::integer))));
  update private.calendar_cursors x set failures = x.failures + 1
  where x.integration_id = c.integration_id and x.calendar_id = c.calendar_id;
end
$$;
comment on function private.fail_import(private.calendar_cursors, text, integer) is 'Ends a run as failed: nothing of it is applied, its code shows in the status, and the pause grows with every failure in a row.';

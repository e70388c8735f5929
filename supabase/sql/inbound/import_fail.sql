create or replace function public.import_fail(p_worker uuid, p_run uuid, p_code text, p_retry_seconds integer, p_cursor_expired boolean) returns jsonb
language plpgsql security definer set search_path = '' set statement_timeout = '8s'
as $$
declare
  c private.calendar_cursors := private.leased_cursor(p_worker, p_run);
begin
  if c.run_id is null then
    return to_jsonb(false);
  end if;
  if p_cursor_expired then
    perform private.end_import(c, 'CURSOR_EXPIRED', null, private.clock());
    update private.calendar_cursors x set sync_token = null, last_error = null
    where x.integration_id = c.integration_id and x.calendar_id = c.calendar_id;
  else
    perform private.fail_import(c, p_code, p_retry_seconds);
  end if;
  return to_jsonb(true);
end
$$;
comment on function public.import_fail(uuid, uuid, text, integer, boolean) is 'Service only: ends a run that could not be finished; nothing of it was applied, and the cursor stays unless it is the cursor that is dead.';
grant execute on function public.import_fail(uuid, uuid, text, integer, boolean) to service_role;

create or replace function private.end_import(
  c private.calendar_cursors, p_error text, p_cursor text, p_next timestamptz, p_result jsonb default null
) returns void
language plpgsql security definer set search_path = ''
as $$
declare
  v_preview boolean := exists (select 1 from public.sync_runs r where r.id = c.run_id and r.mode = 'preview');
begin
  delete from private.import_staging s where s.run_id = c.run_id;
  update public.sync_runs r set finished_at = private.clock(), error = p_error where r.id = c.run_id;
  -- A look is no reading, and a failed one neither: what was told is still to be read.
  if not v_preview and (p_error is null or p_error = 'MASS_CHANGE') then
    delete from private.calendar_notices n
    where n.integration_id = c.integration_id and n.calendar_id = c.calendar_id and n.id <= c.run_notice;
  end if;
  update private.calendar_cursors x set
    sync_token = coalesce(p_cursor, x.sync_token),
    covers_events = case when p_cursor is not null then c.run_events else x.covers_events end,
    window_from = case when p_cursor is not null then c.run_from else x.window_from end,
    window_to = case when p_cursor is not null then c.run_to else x.window_to end,
    read_to = case when p_cursor is not null then c.run_read_to else x.read_to end,
    next_poll_at = p_next, failures = case when p_error is null then 0 else x.failures end, last_error = p_error,
    run_id = null, run_cursor = null, page_token = null, lease_owner = null, lease_until = null
  where x.integration_id = c.integration_id and x.calendar_id = c.calendar_id;
  if p_error is distinct from 'CURSOR_EXPIRED' then
    -- Whoever waits at this very worker is told by it.
    delete from private.import_requests q where q.run_id = c.run_id and q.asker = c.lease_owner;
    update private.import_requests q set
      result = coalesce(p_result, jsonb_build_object('error', coalesce(p_error, 'IMPORT_FAILED'))), answered_at = private.clock()
    where q.run_id = c.run_id and q.result is null;
  end if;
end
$$;
comment on function private.end_import(private.calendar_cursors, text, text, timestamptz, jsonb) is 'Closes a run: journal, staging, notices, cursor, lease, and the answer to the person who asked for it.';

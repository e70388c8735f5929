create or replace function private.end_import(
  p_integration uuid, p_calendar text, p_error text, p_token text, p_next timestamptz, p_result jsonb default null
) returns boolean
language plpgsql security definer set search_path = ''
as $$
declare
  v_now timestamptz := private.clock();
  v_run private.import_runs;
  v_cursor private.calendar_cursors;
  v_owner uuid;
  v_told boolean;
begin
  delete from private.import_runs r where r.integration_id = p_integration and r.calendar_id = p_calendar
  returning * into v_run;
  update public.sync_runs r set finished_at = v_now, error = p_error where r.id = v_run.id;
  -- A preview and a failed run have taken nothing over: what was told is still to be read.
  if v_run.mode = 'import' and (p_error is null or p_error = 'MASS_CHANGE') then
    delete from private.calendar_notices n
    where n.integration_id = p_integration and n.calendar_id = p_calendar and n.id <= v_run.last_notice;
  end if;
  select * into v_cursor from private.calendar_cursors c
  where c.integration_id = p_integration and c.calendar_id = p_calendar;
  v_owner := v_cursor.lease_owner;
  if p_token is not null then
    v_cursor.sync_token := p_token;
    v_cursor.covers_events := v_run.covers_events;
    v_cursor.window_from := v_run.window_from;
    v_cursor.window_to := v_run.window_to;
    v_cursor.read_to := v_run.read_to;
  end if;
  update private.calendar_cursors c set
    sync_token = v_cursor.sync_token, covers_events = v_cursor.covers_events, window_from = v_cursor.window_from,
    window_to = v_cursor.window_to, read_to = v_cursor.read_to, next_poll_at = p_next,
    told_at = (
      select min(n.told_at) from private.calendar_notices n
      where n.integration_id = p_integration and n.calendar_id = p_calendar
    ),
    checked_at = case
      when v_run.mode = 'import' and (p_error is null or p_error = 'MASS_CHANGE') then now() else c.checked_at
    end,
    failures = case when p_error is null then 0 else c.failures end, last_error = p_error,
    lease_owner = null, lease_until = null
  where c.integration_id = p_integration and c.calendar_id = p_calendar
  returning c.told_at is not null into v_told;
  if p_error is distinct from 'CURSOR_EXPIRED' then
    -- The worker that ends the run tells the person who waits at it by itself.
    delete from private.import_requests q where q.run_id = v_run.id and q.asker = v_owner;
    update private.import_requests q set
      result = coalesce(p_result, jsonb_build_object('error', coalesce(p_error, 'IMPORT_FAILED'))), answered_at = v_now
    where q.run_id = v_run.id and q.result is null;
  end if;
  return v_told;
end
$$;
comment on function private.end_import(uuid, text, text, text, timestamptz, jsonb) is
  'Closes the run in progress of a calendar: journal, staging, notices, cursor, lease, and the answer to the person '
  'who asked for it. p_token: what the next reading begins with; null: it stays. p_result: '
  'ImportResult of sync/inbound/port.ts. Whether a notice came during the run, that it has not read.';

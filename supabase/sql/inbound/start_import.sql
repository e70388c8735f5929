create or replace function private.start_import(
  p_connection public.calendar_integrations, p_calendar text, p_worker uuid, p_lease_seconds integer
) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_now timestamptz := private.clock();
  v_cursor private.calendar_cursors;
  v_run private.import_runs;
  v_request private.import_requests;
  v_wanted record;
  v_notice bigint;
begin
  select * into v_cursor from private.calendar_cursors c
  where c.integration_id = p_connection.id and c.calendar_id = p_calendar;
  select * into v_run from private.import_runs r
  where r.integration_id = p_connection.id and r.calendar_id = p_calendar;
  select n.id into v_notice from private.calendar_notices n
  where n.integration_id = p_connection.id and n.calendar_id = p_calendar order by n.id desc limit 1;
  -- A run that began is ended first, then what a person waits for, then what the schedule or a notice wants.
  select * into v_request from private.import_requests q
  where q.integration_id = p_connection.id and q.calendar_id = p_calendar and q.result is null
    and (v_run.id is null or q.run_id = v_run.id)
  order by q.asked_at limit 1;
  if v_run.id is null then
    v_run.id := coalesce(v_request.run_id, gen_random_uuid());
    v_run.mode := coalesce(v_request.mode, 'import');
    v_run.trigger := case
      when v_request.run_id is not null then 'manual'
      when v_notice is not null then 'push'
      else 'schedule'
    end;
    v_run.starts := 0;
  elsif v_run.starts >= 5 then
    perform private.fail_import(p_connection.id, p_calendar, 'IMPORT_FAILED', null);
    return null;
  end if;
  v_wanted := private.import_window(p_connection, v_cursor, v_run.trigger = 'manual', v_request.window_from,
    v_request.window_to);
  if (v_run.page_token is null and v_run.end_cursor is null) or private.staging_lost(v_run)
    or v_run.window_from > v_wanted.from_at or v_run.window_to < v_wanted.to_at
    or (v_run.full_reading, v_run.covers_events) is distinct from (v_wanted.full_reading, v_wanted.events) then
    v_run.integration_id := p_connection.id;
    v_run.calendar_id := p_calendar;
    v_run.organisation_id := p_connection.organisation_id;
    v_run.started_at := v_now;
    v_run.full_reading := v_wanted.full_reading;
    v_run.covers_events := v_wanted.events;
    v_run.window_from := v_wanted.from_at;
    v_run.window_to := v_wanted.to_at;
    v_run.read_to := v_wanted.read_to;
    v_run.last_notice := coalesce(v_notice, 0);
    v_run.page_token := null;
    v_run.end_cursor := null;
    v_run.starts := v_run.starts + 1;
    perform private.begin_run(v_run);
  else
    update private.import_runs r set starts = r.starts + 1 where r.id = v_run.id;
  end if;
  update private.calendar_cursors c set
    lease_owner = p_worker, lease_until = v_now + make_interval(secs => p_lease_seconds)
  where c.integration_id = p_connection.id and c.calendar_id = p_calendar;
  perform private.rename_revisits(p_connection, p_calendar);
  return private.lane_of(p_connection, v_run);
end
$$;
comment on function private.start_import(public.calendar_integrations, text, uuid, integer) is
  'Leases a calendar and hands out what reading it needs; a run that stopped half-way goes on where it was. Null '
  'where a run got nowhere too often: it has failed.';

create or replace function private.start_import(
  i public.calendar_integrations, p_calendar text, p_worker uuid, p_lease_seconds integer
) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_now timestamptz := private.clock();
  cursor private.calendar_cursors;
  run private.import_runs;
  request private.import_requests;
  wanted record;
  v_notice bigint;
begin
  select * into cursor from private.calendar_cursors c where c.integration_id = i.id and c.calendar_id = p_calendar;
  select * into run from private.import_runs r where r.integration_id = i.id and r.calendar_id = p_calendar;
  select n.id into v_notice from private.calendar_notices n
  where n.integration_id = i.id and n.calendar_id = p_calendar order by n.id desc limit 1;
  -- A run that began is ended first, then what a person waits for, then what the schedule or a notice wants.
  select * into request from private.import_requests q
  where q.integration_id = i.id and q.calendar_id = p_calendar and q.result is null
    and (run.id is null or q.run_id = run.id)
  order by q.asked_at limit 1;
  if run.id is null then
    run.id := coalesce(request.run_id, gen_random_uuid());
    run.mode := coalesce(request.mode, 'import');
    run.trigger := case
      when request.run_id is not null then 'manual'
      when v_notice is not null then 'push'
      else 'schedule'
    end;
    run.starts := 0;
  elsif run.starts >= 5 then
    perform private.fail_import(i.id, p_calendar, 'IMPORT_FAILED', null);
    return null;
  end if;
  wanted := private.import_window(i, cursor, run.trigger = 'manual', request.window_from, request.window_to);
  if (run.page_token is null and run.end_cursor is null) or private.staging_lost(run)
    or run.window_from > wanted.from_at or run.window_to < wanted.to_at
    or (run.full_reading, run.covers_events) is distinct from (wanted.full_reading, wanted.events) then
    run.integration_id := i.id;
    run.calendar_id := p_calendar;
    run.organisation_id := i.organisation_id;
    run.started_at := v_now;
    run.full_reading := wanted.full_reading;
    run.covers_events := wanted.events;
    run.window_from := wanted.from_at;
    run.window_to := wanted.to_at;
    run.read_to := wanted.read_to;
    run.last_notice := coalesce(v_notice, 0);
    run.page_token := null;
    run.end_cursor := null;
    perform private.begin_run(run);
  end if;
  update private.import_runs r set starts = r.starts + 1 where r.id = run.id;
  update private.calendar_cursors c set
    lease_owner = p_worker, lease_until = v_now + make_interval(secs => p_lease_seconds), claimed_at = v_now
  where c.integration_id = i.id and c.calendar_id = p_calendar;
  perform private.rename_revisits(i, p_calendar);
  return private.lane_of(i, run);
end
$$;
comment on function private.start_import(public.calendar_integrations, text, uuid, integer) is
  'Leases a calendar and hands out what reading it needs; a run that stopped half-way goes on where it was. Null where a '
  'run got nowhere too often: it has failed.';

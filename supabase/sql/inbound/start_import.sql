create or replace function private.start_import(
  i public.calendar_integrations, p_calendar text, p_worker uuid, p_lease_seconds integer
) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_now timestamptz := private.clock();
  c private.calendar_cursors;
  r public.sync_runs;
  q private.import_requests;
  w record;
  v_notice bigint;
  v_resume boolean;
begin
  select * into c from private.calendar_cursors x where x.integration_id = i.id and x.calendar_id = p_calendar;
  select n.id into v_notice from private.calendar_notices n
  where n.integration_id = i.id and n.calendar_id = p_calendar order by n.id desc limit 1;
  -- A run that began is ended first, then what a person waits for, then what the schedule or a notice wants.
  select * into r from public.sync_runs x where x.id = c.run_id and x.finished_at is null;
  select * into q from private.import_requests x
  where x.integration_id = i.id and x.calendar_id = p_calendar and x.result is null and (r.id is null or x.run_id = r.id)
  order by x.asked_at limit 1;
  if r.id is null then
    r.id := coalesce(q.run_id, gen_random_uuid());
    r.mode := coalesce(q.mode, 'import');
    r.trigger := case when q.run_id is not null then 'manual' when v_notice is not null then 'push' else 'schedule' end;
    c.run_starts := 0;
  elsif c.run_starts >= 5 then
    perform private.fail_import(c, 'IMPORT_FAILED', null);
    return null;
  end if;
  w := private.import_window(i, c, r.trigger = 'manual', q.window_from, q.window_to);
  v_resume := c.run_id = r.id and (c.page_token is not null or c.run_cursor is not null)
    and c.run_from <= w.from_at and c.run_to >= w.to_at and c.run_full = w.full_reading and c.run_events = w.events
    and exists (select 1 from private.import_staging s where s.run_id = c.run_id and s.event_id = '');
  if not coalesce(v_resume, false) then
    delete from private.import_staging s where s.run_id = c.run_id;
    insert into public.sync_runs as x
      (id, organisation_id, integration_id, direction, trigger, started_at, mode, calendar_id, window_from, window_to)
    values (r.id, i.organisation_id, i.id, 'import', r.trigger, v_now, r.mode, p_calendar, w.from_at, w.to_at)
    on conflict (id) do update set
      started_at = excluded.started_at, window_from = excluded.window_from, window_to = excluded.window_to,
      finished_at = null, error = null, pages = 0, events = 0;
    insert into private.import_staging (run_id, event_id, action) values (r.id, '', 'first');
    c.run_full := w.full_reading;
    c.run_events := w.events;
    c.run_from := w.from_at;
    c.run_to := w.to_at;
    c.run_read_to := w.read_to;
    c.run_notice := coalesce(v_notice, 0);
    c.run_cursor := null;
    c.page_token := null;
  end if;
  update private.calendar_cursors x set
    lease_owner = p_worker, lease_until = v_now + make_interval(secs => p_lease_seconds), claimed_at = v_now,
    run_id = r.id, run_starts = c.run_starts + 1, run_full = c.run_full, run_events = c.run_events, run_from = c.run_from,
    run_to = c.run_to, run_read_to = c.run_read_to, run_notice = c.run_notice,
    run_cursor = c.run_cursor, page_token = c.page_token
  where x.integration_id = i.id and x.calendar_id = p_calendar
  returning * into c;

  -- Its id was not the provider's yet when the reading passed it by.
  with old as (
    delete from private.import_revisits v
    using public.appointment_external_links l
    where v.integration_id = i.id and v.calendar_id = p_calendar
      and l.integration_id = i.id and l.rdv_id = v.rdv_id and l.external_event_id <> v.event_id
    returning v.rdv_id, v.since, l.external_calendar_id, l.external_event_id
  )
  insert into private.import_revisits (integration_id, calendar_id, event_id, rdv_id, since)
  select i.id, p_calendar, o.external_event_id, o.rdv_id, o.since from old o where o.external_calendar_id = p_calendar
  on conflict do nothing;
  return private.lane_of(i, c, r.trigger, r.mode);
end
$$;
comment on function private.start_import(public.calendar_integrations, text, uuid, integer) is 'Leases a calendar and hands out what reading it needs; a run that stopped half-way goes on where it was. Null where a run got nowhere too often: it has failed.';

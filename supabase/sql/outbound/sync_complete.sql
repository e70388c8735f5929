create or replace function public.sync_complete(p_worker uuid, p_integration uuid, p_results jsonb, p_lane jsonb)
returns jsonb
language plpgsql security definer set search_path = '' set statement_timeout = '15s'
set plan_cache_mode = force_generic_plan set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
set enable_material = off set jit = off
as $$
declare
  v_lane private.sync_lanes;
  v_report private.lane_report;
  v_results private.job_result[] := '{}'::private.job_result[];
  v_busy jsonb := '[]'::jsonb;
  v_ours uuid[];
  v_paused boolean;
  v_due timestamptz;
begin
  select * into v_lane from private.sync_lanes l
  where l.integration_id = p_integration
    and l.lease_owner = p_worker -- planted: ignored_lease
  for update;
  if not found then
    return jsonb_build_object('applied', 0, 'busy', v_busy, 'lost', true, 'paused', false, 'nextDueInMs', null);
  end if;
  select x."runId", x.trigger, coalesce(x."usedUnits", 0), coalesce(x.release, false), x."pauseSeconds", x."pauseCode",
    coalesce(x.strike, false), coalesce(x.worked, false), coalesce(x.refused, '{}'),
    coalesce(x.project, false)
  into v_report
  from jsonb_to_record(p_lane) as x (
    "runId" uuid, trigger text, "usedUnits" integer, release boolean, "pauseSeconds" double precision, "pauseCode" text,
    strike boolean, worked boolean, refused uuid[], project boolean);

  if jsonb_array_length(p_results) > 0 then
    perform private.follow_found(p_integration, array(
      select distinct x.link ->> 'calendarId' from jsonb_to_recordset(p_results) as x (link jsonb)));
    v_results := private.take_results(p_integration, p_results, v_report.run_id);
    if cardinality(v_results) < jsonb_array_length(p_results) then
      select coalesce(jsonb_agg(q.rdv_id), '[]'::jsonb) into v_busy
      from jsonb_to_recordset(p_results) as x ("rdvId" uuid)
      cross join lateral (
        select o.rdv_id from private.sync_outbox o
        where o.integration_id = p_integration and o.rdv_id = x."rdvId"
        offset 0
      ) q
      where q.rdv_id <> all (select r.rdv_id from unnest(v_results) r);
    end if;
  end if;
  if cardinality(v_results) > 0 then
    perform private.store_links(v_lane, v_results);
    perform private.open_conflict(
      p_integration, 'appointment', r.rdv_id, l.external_event_id, r.conflict_reason,
      r.conflict_payload || jsonb_build_object('rdvUpdatedAt', a.updated_at, 'changedBy', 'both'))
    from unnest(v_results) r
    left join public.rdv a on a.id = r.rdv_id
    left join lateral (
      select k.external_event_id from public.appointment_external_links k
      where k.rdv_id = r.rdv_id and k.integration_id is not distinct from p_integration
      offset 0
    ) l on true
    where r.conflict_reason is not null;
    perform private.close_restored(p_integration, v_results);
    if jsonb_path_exists(p_results, '$[*].ended ? (@ != null)') then
      update private.former_events f set ends_since = null
      from jsonb_to_recordset(p_results) as x ("rdvId" uuid, ended text)
      where f.integration_id = p_integration and f.rdv_id = x."rdvId" and f.event_id = x.ended;
    end if;
    perform private.store_queue(v_results);
    perform private.journal_results(v_lane, v_report.trigger, v_results);
    -- Imported before its create was confirmed, or before its series was known to be ours: it is ours.
    v_ours := array(
      select e.id from unnest(v_results) r
      cross join lateral (
        select x.id from public.external_events x
        where x.organisation_id = v_lane.organisation_id
          and x.external_calendar_id = r.calendar_id and x.external_event_id = r.event_id
        offset 0
      ) e
      where r.action = 'created' or r.place is not null);
    if cardinality(v_ours) > 0 then
      delete from public.external_events e where e.id = any (v_ours);
    end if;
  end if;
  if cardinality(v_report.refused) > 0 then
    perform private.note_refused(p_integration, v_report.refused);
  end if;
  -- Busy rows are reported again, for which the lease is needed.
  v_report.release := v_report.release and v_busy = '[]'::jsonb;
  v_paused := private.paused(v_lane.organisation_id, v_lane.provider) is not null;
  v_due := private.account_lane(v_lane, v_report);
  return jsonb_build_object(
    'applied', cardinality(v_results), 'busy', v_busy, 'lost', false, 'paused', v_paused,
    'nextDueInMs', case when v_report.release and not v_paused then private.ms_until(v_due) end
  );
end
$$;
comment on function public.sync_complete(uuid, uuid, jsonb, jsonb) is
  'Service only: writes what became of a lane''s jobs, if the lease still holds; a row that changed meanwhile stays '
  'dirty. p_results: JobResult[], p_lane: LaneReport of the outbound port ({runId, trigger, usedUnits, release, '
  'pauseSeconds, pauseCode, strike, worked, refused, project}). Answer: Completion; busy are rows that a booking '
  'holds, paused: the lane is to stop, nextDueInMs: when the lane that is given back is due again.';
grant execute on function public.sync_complete(uuid, uuid, jsonb, jsonb) to service_role;

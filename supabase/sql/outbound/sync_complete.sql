create or replace function public.sync_complete(p_worker uuid, p_integration uuid, p_results jsonb, p_lane jsonb)
returns jsonb
language plpgsql security definer set search_path = '' set statement_timeout = '15s'
as $$
declare
  v_lane private.sync_lanes;
  v_report private.lane_report;
  v_results private.job_result[] := '{}'::private.job_result[];
  v_busy jsonb := '[]'::jsonb;
begin
  select * into v_lane from private.sync_lanes l
  where l.integration_id = p_integration
    and l.lease_owner = p_worker -- planted: ignored_lease
  for update;
  if not found then
    return jsonb_build_object('applied', 0, 'busy', v_busy, 'lost', true, 'paused', false);
  end if;
  select x."runId", x.trigger, coalesce(x."usedUnits", 0), coalesce(x.release, false), x."pauseSeconds", x."pauseCode",
    coalesce(x.strike, false), coalesce(x.worked, false), coalesce(x.refused, '{}')
  into v_report
  from jsonb_to_record(p_lane) as x (
    "runId" uuid, trigger text, "usedUnits" integer, release boolean, "pauseSeconds" double precision, "pauseCode" text,
    strike boolean, worked boolean, refused uuid[]);

  if jsonb_array_length(p_results) > 0 then
    v_results := private.take_results(p_integration, p_results, v_report.run_id);
    select coalesce(jsonb_agg(q.rdv_id), '[]'::jsonb) into v_busy
    from jsonb_to_recordset(p_results) as x ("rdvId" uuid)
    join private.sync_outbox q on q.integration_id = p_integration and q.rdv_id = x."rdvId"
    where q.rdv_id <> all (select r.rdv_id from unnest(v_results) r);
  end if;
  if cardinality(v_results) > 0 then
    perform private.store_links(v_lane, v_results);
    perform private.open_conflict(
      p_integration, 'appointment', r.rdv_id, l.external_event_id, r.conflict_reason,
      r.conflict_payload || jsonb_build_object('rdvUpdatedAt', a.updated_at, 'changedBy', 'both'))
    from unnest(v_results) r
    left join public.rdv a on a.id = r.rdv_id
    left join public.appointment_external_links l on l.integration_id = p_integration and l.rdv_id = r.rdv_id
    where r.conflict_reason is not null;
    perform private.store_queue(p_integration, v_results);
    perform private.journal_results(v_lane, v_report.trigger, v_results);
    -- Imported before its create was confirmed, or before its series was known to be ours: it is ours.
    delete from public.external_events e
    using unnest(v_results) r
    where (r.action = 'created' or r.place is not null) and e.organisation_id = v_lane.organisation_id
      and e.external_calendar_id = r.calendar_id and e.external_event_id = r.event_id;
  end if;
  if cardinality(v_report.refused) > 0 then
    perform private.note_refused(p_integration, v_report.refused);
  end if;
  perform private.account_lane(v_lane, v_report);
  return jsonb_build_object(
    'applied', cardinality(v_results), 'busy', v_busy, 'lost', false,
    'paused', private.paused(v_lane.organisation_id, v_lane.provider) is not null
  );
end
$$;
comment on function public.sync_complete(uuid, uuid, jsonb, jsonb) is
  'Service only: writes what became of a lane''s jobs, if the lease still holds; a row that changed meanwhile stays '
  'dirty. p_results: JobResult[], p_lane: LaneReport of the outbound port ({runId, trigger, usedUnits, release, '
  'pauseSeconds, pauseCode, strike, worked, refused}). Answer: Completion; busy are rows that a booking holds, '
  'paused: the lane is to stop.';
grant execute on function public.sync_complete(uuid, uuid, jsonb, jsonb) to service_role;

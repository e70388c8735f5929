create or replace function public.sync_complete(p_worker uuid, p_integration uuid, p_results jsonb, p_lane jsonb) returns jsonb
language plpgsql security definer set search_path = '' set statement_timeout = '15s'
as $$
declare
  v_now timestamptz := private.clock();
  v_lane private.sync_lanes;
  v_account text;
  v_done jsonb;
  v_busy jsonb;
  v_run uuid := (p_lane ->> 'runId')::uuid;
  v_used integer := coalesce((p_lane ->> 'usedUnits')::integer, 0);
  v_pause numeric := (p_lane ->> 'pauseSeconds')::numeric;
begin
  select * into v_lane from private.sync_lanes l where l.integration_id = p_integration and l.lease_owner = p_worker for update;
  if not found then
    return jsonb_build_object('applied', 0, 'busy', '[]'::jsonb, 'lost', true, 'paused', false);
  end if;

  -- The results whose outbox row can be had at once, with what that row says now; the others come again.
  select coalesce(jsonb_agg(k.result || jsonb_build_object('current', k.version, 'runId', coalesce(k.run_id, v_run), 'manual', k.run_id is not null)), '[]'::jsonb)
  into v_done
  from (
    select q.version, q.run_id, x.result
    from private.sync_outbox q
    join (select e as result, (e ->> 'rdvId')::uuid as rdv_id from jsonb_array_elements(p_results) e) x on x.rdv_id = q.rdv_id
    where q.integration_id = p_integration
    order by q.rdv_id
    for update of q skip locked
  ) k;
  select coalesce(jsonb_agg(q.rdv_id), '[]'::jsonb) into v_busy
  from private.sync_outbox q
  where q.integration_id = p_integration
    and q.rdv_id in (select (e ->> 'rdvId')::uuid from jsonb_array_elements(p_results) e)
    and q.rdv_id not in (select (d ->> 'rdvId')::uuid from jsonb_array_elements(v_done) d);

  if jsonb_array_length(v_done) > 0 then
    with r as (
      select x.*, l.id as link_id, s.presence as was
      from jsonb_to_recordset(v_done) as x (
        "rdvId" uuid, version bigint, current bigint, outcome text, action text, reason text, error jsonb, conflict jsonb, link jsonb
      )
      left join public.appointment_external_links l on l.integration_id = p_integration and l.rdv_id = x."rdvId"
      left join private.link_states s on s.link_id = l.id
    ), written as (
      insert into public.appointment_external_links as l (
        organisation_id, rdv_id, integration_id, provider, external_calendar_id, external_event_id, epoch, etag,
        sync_status, skip_reason, last_synced_at, last_error
      )
      select v_lane.organisation_id, r."rdvId", p_integration, v_lane.provider,
        nullif(r.link ->> 'calendarId', ''), nullif(r.link ->> 'eventId', ''), coalesce((r.link ->> 'epoch')::integer, 0), r.link ->> 'etag',
        case
          when r.outcome = 'park' or jsonb_typeof(r.conflict) = 'object' then 'error'
          when r.outcome = 'retry' or r.version <> r.current then 'pending'
          when coalesce(r.link ->> 'presence', r.was) = 'live' then 'synced'
          else 'none'
        end,
        case when r.action = 'skipped' and r.reason <> 'unchanged' then r.reason end,
        case when r.outcome = 'done' and r.action <> 'skipped' then v_now end,
        case
          when jsonb_typeof(r.conflict) = 'object' then jsonb_build_object('code', upper(r.conflict ->> 'reason'), 'message', null)
          when jsonb_typeof(r.error) = 'object' and r.outcome <> 'done' then r.error
        end
      from r
      where jsonb_typeof(r.link) = 'object' or r.link_id is not null or r.outcome <> 'done'
        or (r.action = 'skipped' and r.reason in ('no_start', 'no_patient', 'imported_from_provider'))
      on conflict (integration_id, rdv_id) do update set
        external_calendar_id = coalesce(excluded.external_calendar_id, l.external_calendar_id),
        epoch = case when excluded.external_event_id is null then l.epoch else excluded.epoch end,
        etag = case when excluded.external_event_id is null then l.etag else excluded.etag end,
        external_event_id = coalesce(excluded.external_event_id, l.external_event_id),
        sync_status = excluded.sync_status, skip_reason = excluded.skip_reason,
        last_synced_at = coalesce(excluded.last_synced_at, l.last_synced_at),
        last_error = excluded.last_error,
        drifted_at = case when excluded.sync_status in ('synced', 'none') then null else l.drifted_at end,
        updated_at = now()
      returning l.id, l.rdv_id
    )
    insert into private.link_states as s (link_id, presence, pushed, base, fingerprint, patient_id)
    select w.id, r.link ->> 'presence', nullif(r.link -> 'pushed', 'null'), nullif(r.link -> 'base', 'null'),
      r.link ->> 'fingerprint', case when r.link ->> 'presence' = 'live' then p.patient_id end
    from r join written w on w.rdv_id = r."rdvId"
    left join public.rdv p on p.id = r."rdvId"
    where jsonb_typeof(r.link) = 'object'
    on conflict (link_id) do update set
      presence = excluded.presence, pushed = excluded.pushed, base = excluded.base, fingerprint = excluded.fingerprint,
      patient_id = excluded.patient_id, updated_at = now();

    perform private.open_conflict(
      p_integration, 'appointment', x."rdvId", l.external_event_id, x.conflict ->> 'reason',
      coalesce(x.conflict -> 'payload', '{}'::jsonb)
        || jsonb_build_object('rdvUpdatedAt', r.updated_at, 'changedBy', 'both'))
    from jsonb_to_recordset(v_done) as x ("rdvId" uuid, conflict jsonb)
    left join public.rdv r on r.id = x."rdvId"
    left join public.appointment_external_links l on l.integration_id = p_integration and l.rdv_id = x."rdvId"
    where jsonb_typeof(x.conflict) = 'object';

    update private.sync_outbox o set
      attempts = o.attempts + 1,
      first_failed_at = coalesce(o.first_failed_at, v_now),
      last_error_code = x.error ->> 'code',
      parked_at = case when x.outcome = 'park' then v_now end,
      next_attempt_at = v_now + make_interval(secs => coalesce(x."delaySeconds", 0))
    from jsonb_to_recordset(v_done) as x ("rdvId" uuid, version bigint, outcome text, error jsonb, "delaySeconds" double precision)
    where o.integration_id = p_integration and o.rdv_id = x."rdvId" and o.version = x.version and x.outcome in ('retry', 'park');
    delete from private.sync_outbox o
    using jsonb_to_recordset(v_done) as x ("rdvId" uuid, version bigint, outcome text)
    where o.integration_id = p_integration and o.rdv_id = x."rdvId" and o.version = x.version and x.outcome = 'done';

    insert into public.sync_runs as u (
      id, organisation_id, integration_id, direction, trigger, started_at, finished_at,
      created, updated, deleted, skipped, failed, conflicts, failures
    )
    select t.run_id, v_lane.organisation_id, p_integration, 'export', t.trigger, v_now, v_now,
      t.created, t.updated, t.deleted, t.skipped, t.failed, t.conflicts, t.failures
    from (
      select x."runId" as run_id, case when x.manual then 'manual' else p_lane ->> 'trigger' end as trigger,
        count(*) filter (where x.action = 'created')::integer as created,
        count(*) filter (where x.action = 'updated')::integer as updated,
        count(*) filter (where x.action = 'deleted')::integer as deleted,
        count(*) filter (where x.action = 'skipped')::integer as skipped,
        count(*) filter (where x.outcome = 'park')::integer as failed,
        count(*) filter (where jsonb_typeof(x.conflict) = 'object')::integer as conflicts,
        coalesce(jsonb_agg(jsonb_build_object('rdvId', x."rdvId", 'code', x.error ->> 'code')) filter (where x.outcome = 'park'), '[]'::jsonb) as failures
      from jsonb_to_recordset(v_done) as x ("rdvId" uuid, "runId" uuid, manual boolean, outcome text, action text, conflict jsonb, error jsonb)
      where x.outcome <> 'retry'
      group by 1, 2
    ) t
    -- The journal tells what was done; a run that only looked is not news.
    where t.trigger = 'manual' or t.created + t.updated + t.deleted + t.failed + t.conflicts > 0
    on conflict (id) do update set
      created = u.created + excluded.created, updated = u.updated + excluded.updated, deleted = u.deleted + excluded.deleted,
      skipped = u.skipped + excluded.skipped, failed = u.failed + excluded.failed, conflicts = u.conflicts + excluded.conflicts,
      failures = case when jsonb_array_length(u.failures) < 500 then u.failures || excluded.failures else u.failures end,
      finished_at = excluded.finished_at;

    delete from public.external_events e
    using jsonb_to_recordset(v_done) as x (action text, link jsonb)
    where x.action = 'created' and e.organisation_id = v_lane.organisation_id
      and e.external_calendar_id = x.link ->> 'calendarId' and e.external_event_id = x.link ->> 'eventId';

    insert into public.sync_run_items (organisation_id, run_id, rdv_id, external_event_id, external_calendar_id, action, reason)
    select v_lane.organisation_id, x."runId", x."rdvId", l.external_event_id, l.external_calendar_id,
      case
        when jsonb_typeof(x.conflict) = 'object' then 'conflict'
        when x.outcome = 'park' then 'fail'
        when x.action = 'skipped' then 'skip'
        else regexp_replace(x.action, 'd$', '')
      end,
      case
        when jsonb_typeof(x.conflict) = 'object' then x.conflict ->> 'reason'
        when x.outcome = 'park' then x.error ->> 'code'
        else x.reason
      end
    from jsonb_to_recordset(v_done) as x ("rdvId" uuid, "runId" uuid, manual boolean, outcome text, action text, reason text, conflict jsonb, error jsonb)
    join public.sync_runs u on u.id = x."runId"
    left join public.appointment_external_links l on l.integration_id = p_integration and l.rdv_id = x."rdvId"
    where x.outcome <> 'retry' and (x.action <> 'skipped' or x.manual or jsonb_typeof(x.conflict) = 'object');
  end if;

  if jsonb_array_length(coalesce(p_lane -> 'unsure', '[]'::jsonb)) > 0 then
    update private.sync_outbox o set unsure = true
    from (
      select q.rdv_id from private.sync_outbox q
      where q.integration_id = p_integration and not q.unsure
        and q.rdv_id in (select u.id::uuid from jsonb_array_elements_text(p_lane -> 'unsure') as u (id))
      order by q.rdv_id
      for update skip locked
    ) x
    where o.integration_id = p_integration and o.rdv_id = x.rdv_id;
  end if;
  if coalesce((p_lane ->> 'worked')::boolean, false) then
    update public.calendar_integrations i set last_sync_at = v_now where i.id = p_integration;
  end if;
  update private.sync_lanes l set
    last_success_at = case when (p_lane ->> 'worked')::boolean then v_now else l.last_success_at end,
    strikes = case when (p_lane ->> 'strike')::boolean then l.strikes + 1 when (p_lane ->> 'worked')::boolean then 0 else l.strikes end,
    paused_until = case when v_pause is not null then v_now + make_interval(secs => v_pause::double precision) else l.paused_until end,
    pause_code = case when v_pause is not null then p_lane ->> 'pauseCode' else l.pause_code end,
    reserved_units = greatest(0, l.reserved_units - v_used)
  where l.integration_id = p_integration;
  if coalesce((p_lane ->> 'release')::boolean, false) then
    update private.sync_lanes l set lease_owner = null, lease_until = null, reserved_units = 0 where l.integration_id = p_integration;
    select i.account_id into v_account from public.calendar_integrations i where i.id = p_integration;
    update private.account_budgets b set units = b.units + greatest(0, v_lane.reserved_units - v_used)
    where b.provider = v_lane.provider and b.account_id = v_account;
  end if;
  return jsonb_build_object(
    'applied', jsonb_array_length(v_done), 'busy', v_busy, 'lost', false,
    'paused', private.paused(v_lane.organisation_id, v_lane.provider) is not null
  );
end
$$;
comment on function public.sync_complete(uuid, uuid, jsonb, jsonb) is 'Service only: writes what became of a lane''s jobs, if the lease still holds; a row that changed meanwhile stays dirty. paused: the lane is to stop.';
grant execute on function public.sync_complete(uuid, uuid, jsonb, jsonb) to service_role;

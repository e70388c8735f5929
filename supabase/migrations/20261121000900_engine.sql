-- The worker's few round trips: claim, reserve, complete; and what a person asks for: mark, retry, summary.

create function private.take_budget(p_integration uuid, p_provider text, p_account text, p_units_per_minute integer)
returns integer
language plpgsql security definer set search_path = ''
as $$
declare
  v_now timestamptz := private.clock();
  v_limit integer := p_units_per_minute;
  v_override text;
  v_units numeric;
  v_waiting integer;
  v_capacity numeric;
  v_rate numeric;
begin
  select c.value into v_override from private.app_config c where c.key = 'units_per_minute.' || p_provider;
  if v_override is not null then
    v_limit := nullif(v_override::integer, 0);
  end if;
  if v_limit is null then
    return null;
  end if;
  -- A tenth at once, eight tenths a minute, and a tenth that may be spent late: never more than the limit in any minute.
  v_capacity := v_limit * 0.1;
  v_rate := v_limit * 0.8 / 60;
  insert into private.account_budgets as b (provider, account_id, units, refilled_at)
  values (p_provider, p_account, v_capacity, v_now)
  on conflict (provider, account_id) do update set
    units = least(v_capacity, b.units + v_rate * greatest(0, extract(epoch from v_now - b.refilled_at))),
    refilled_at = v_now
  returning units into v_units;
  if v_units < 3 then
    select count(*) into v_waiting from (
      select from private.sync_outbox o
      where o.integration_id = p_integration and o.parked_at is null and o.next_attempt_at <= v_now limit 100
    ) due;
    -- One change goes as soon as it is affordable; a backlog waits for a batch worth a round trip.
    update private.sync_lanes l set paused_until =
      v_now + make_interval(secs => greatest(0, least(v_capacity / 2, 3 * v_waiting) - v_units) / v_rate)
    where l.integration_id = p_integration;
    return 0;
  end if;
  update private.account_budgets b set units = b.units - floor(v_units) where b.provider = p_provider and b.account_id = p_account;
  return floor(v_units);
end
$$;
comment on function private.take_budget(uuid, text, text, integer) is 'Takes what the account''s token bucket holds; null: unlimited; 0: empty, and the lane is paused until there is enough for what waits, or half a bucket.';

create function private.lane_jobs(p_integration uuid, p_max_jobs integer, p_max_bytes integer, p_rdv uuid default null)
returns jsonb
language sql stable security definer set search_path = ''
as $$
  select coalesce(jsonb_agg(k.job order by k.next_attempt_at, k.rdv_id), '[]'::jsonb)
  from (
    select j.*, sum(pg_column_size(j.job)) over (order by j.next_attempt_at, j.rdv_id) - pg_column_size(j.job) as before
    from (
      select o.next_attempt_at, o.rdv_id, jsonb_build_object(
        'rdvId', o.rdv_id, 'version', o.version, 'attempts', o.attempts, 'forced', o.forced, 'verify', o.verify,
        'unsure', o.unsure, 'laneWorkedSince', coalesce(n.last_success_at > o.first_failed_at, false),
        -- Cut far above what an event shows of them, so that no text makes a claim large or slow.
        'rdv', case when r.id is not null and s.erase_since is null then jsonb_build_object(
          'source', r.source, 'status', r.status, 'type', left(r.type, 1000), 'act', left(r.act, 1000),
          'notes', left(r.notes, 10000), 'location', left(r.location, 1000),
          'startsAt', r.starts_at, 'endsAt', r.ends_at,
          'practitionerUserId', m.user_id, 'practitionerName', left(m.display_name, 500),
          'patient', case when p.id is not null then jsonb_build_object(
            'firstName', left(p.first_name, 500), 'lastName', left(p.last_name, 500)
          ) end
        ) end,
        'link', case when l.external_event_id is not null then jsonb_build_object(
          'id', l.id, 'calendarId', l.external_calendar_id, 'eventId', l.external_event_id, 'epoch', l.epoch,
          'etag', l.etag, 'presence', coalesce(s.presence, 'reserved'), 'pushed', s.pushed, 'base', s.base,
          'fingerprint', s.fingerprint
        ) end
      ) as job
      from (
        select q.* from private.sync_outbox q
        join public.calendar_integrations i on i.id = q.integration_id
        where q.integration_id = p_integration and q.parked_at is null
          and q.next_attempt_at <= (select private.clock()) and (p_rdv is null or q.rdv_id = p_rdv)
          and (
            i.removing_events_since is not null or (i.export_enabled and i.calendar_target_id is not null)
            or exists (
              select from public.appointment_external_links k
              join private.link_states e on e.link_id = k.id and e.erase_since is not null
              where k.integration_id = q.integration_id and k.rdv_id = q.rdv_id
            )
          )
        order by q.next_attempt_at
        limit p_max_jobs
      ) o
      join private.sync_lanes n on n.integration_id = o.integration_id
      left join public.rdv r on r.id = o.rdv_id and r.organisation_id = o.organisation_id
      left join public.organisation_members m on m.organisation_id = r.organisation_id and m.id = r.practitioner_id
      left join public.patients p on p.organisation_id = r.organisation_id and p.id = r.patient_id
      left join public.appointment_external_links l on l.integration_id = o.integration_id and l.rdv_id = o.rdv_id
      left join private.link_states s on s.link_id = l.id
    ) j
  ) k
  where k.before < p_max_bytes;
$$;
comment on function private.lane_jobs(uuid, integer, integer, uuid) is
  'The due work of a lane (of one appointment: p_rdv), oldest first, with the rows as they are now; so many bytes of '
  'it, one job at least. An event to be erased has no appointment any more.';

create function private.park_job(p_integration uuid, p_rdv uuid, p_code text) returns void
language plpgsql security definer set search_path = ''
as $$
begin
  update private.sync_outbox o set parked_at = private.clock(), last_error_code = p_code, attempts = o.attempts + 1
  where o.integration_id = p_integration and o.rdv_id = p_rdv;
  insert into public.appointment_external_links as l
    (organisation_id, rdv_id, integration_id, provider, epoch, sync_status, last_error)
  select n.organisation_id, p_rdv, p_integration, n.provider, 0, 'error', jsonb_build_object('code', p_code, 'message', null)
  from private.sync_lanes n where n.integration_id = p_integration
  on conflict (integration_id, rdv_id) do update set
    sync_status = excluded.sync_status, last_error = excluded.last_error, updated_at = now();
end
$$;
comment on function private.park_job(uuid, uuid, text) is 'Takes one appointment out of its lane until a person acts, with a reason that they see.';

create function private.park_unreadable_jobs(p_integration uuid, p_max_jobs integer) returns integer
language plpgsql security definer set search_path = ''
as $$
declare
  v_rdv uuid;
  v_read integer := 0;
  v_unreadable uuid[] := '{}';
begin
  for v_rdv in
    select q.rdv_id from private.sync_outbox q
    where q.integration_id = p_integration and q.parked_at is null and q.next_attempt_at <= private.clock()
    order by q.next_attempt_at
    limit p_max_jobs
  loop
    begin
      perform private.lane_jobs(p_integration, 1, 1, v_rdv);
      v_read := v_read + 1;
    exception
      when others then
        v_unreadable := v_unreadable || v_rdv;
    end;
  end loop;
  -- Where none can be read, it is hardly the rows: the lane waits, and nobody's appointments are given up.
  if v_read = 0 then
    return 0;
  end if;
  perform private.park_job(p_integration, u.id, 'INVALID_EVENT') from unnest(v_unreadable) as u (id);
  return cardinality(v_unreadable);
end
$$;
comment on function private.park_unreadable_jobs(uuid, integer) is
  'Finds, one by one, the rows that cannot be read, and parks them if others can; how many.';

create function private.doubt_lane(l private.sync_lanes) returns void
language sql security definer set search_path = ''
as $$
  update private.sync_outbox o set unsure = true
  from (
    select q.rdv_id from private.sync_outbox q
    where q.integration_id = l.integration_id and q.dirty_since <= l.claimed_at and not q.unsure
    for update skip locked
  ) x
  where o.integration_id = l.integration_id and o.rdv_id = x.rdv_id;
$$;
comment on function private.doubt_lane(private.sync_lanes) is
  'The worker of a lease ended in the middle of it: what was written of what waited then is not known.';

create function private.lease_lane(
  p_integration uuid, p_worker uuid, p_lease_seconds integer, p_max_jobs integer, p_max_bytes integer,
  p_units_per_minute integer
) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_now timestamptz := private.clock();
  l private.sync_lanes;
  i public.calendar_integrations;
  g public.organisations;
  v_budget integer;
begin
  select * into l from private.sync_lanes x where x.integration_id = p_integration;
  select * into i from public.calendar_integrations x where x.id = p_integration;
  select * into g from public.organisations x where x.id = i.organisation_id;
  v_budget := private.take_budget(i.id, i.provider, i.account_id, p_units_per_minute);
  if v_budget = 0 then
    return null;
  end if;
  if l.lease_owner is not null then
    perform private.doubt_lane(l);
  end if;
  update private.sync_lanes x set
    lease_owner = p_worker, lease_until = v_now + make_interval(secs => p_lease_seconds), claimed_at = v_now,
    paused_until = null, pause_code = null, reserved_units = coalesce(v_budget, 0)
  where x.integration_id = i.id;
  return jsonb_build_object(
    'integrationId', i.id, 'organisationId', i.organisation_id, 'budgetUnits', v_budget, 'strikes', l.strikes,
    'settings', jsonb_build_object(
      'calendarTargetId', i.calendar_target_id, 'eventDetail', coalesce(i.event_detail, 'busy'), 'twoWay', i.two_way, 'scope', i.scope,
      'userId', i.user_id, 'exportFrom', i.export_from, 'removing', i.removing_events_since is not null
    ),
    'organisation', jsonb_build_object(
      'timezone', g.timezone, 'titleTemplate', g.event_title_template,
      'defaultDurationMinutes', g.default_duration_minutes
    ),
    'credential', private.known_token(i.id),
    'jobs', private.lane_jobs(i.id, least(p_max_jobs, coalesce(v_budget, p_max_jobs)), p_max_bytes)
  );
end
$$;
comment on function private.lease_lane(uuid, uuid, integer, integer, integer, integer) is
  'Leases a lane, whose row the caller has locked, and gives what working on it needs; null where its account has no '
  'units left.';

create function private.strike_lane(p_integration uuid, p_code text) returns void
language sql security definer set search_path = ''
as $$
  update private.sync_lanes l set
    strikes = l.strikes + 1, pause_code = p_code,
    paused_until = private.clock() + make_interval(secs => least(900, 30 * 2 ^ least(l.strikes, 10)))
  where l.integration_id = p_integration;
$$;
comment on function private.strike_lane(uuid, text) is 'A lane that cannot even be claimed waits, each time longer: 30 seconds to 15 minutes.';

create function public.sync_claim(
  p_worker uuid, p_provider text, p_integration uuid, p_max_lanes integer, p_max_jobs integer, p_lease_seconds integer,
  p_units_per_minute integer
) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_now timestamptz := private.clock();
  v_lanes jsonb := '[]'::jsonb;
  v_troubled jsonb := '[]'::jsonb;
  v_lane jsonb;
  v_bytes_left integer := 2000000;
  v_dirty uuid[];
  v_next timestamptz;
  v record;
begin
  if private.paused(null, p_provider) is not null then
    return jsonb_build_object('lanes', v_lanes, 'nextDueInMs', null, 'troubled', v_troubled);
  end if;
  if p_integration is null then
    -- Which lanes have work: one step of the index a lane, however much each has.
    with recursive lane as (
      (select o.integration_id from private.sync_outbox o where o.parked_at is null
        order by o.integration_id, o.next_attempt_at limit 1)
      union all
      select n.integration_id from lane x
      cross join lateral (
        select o.integration_id from private.sync_outbox o
        where o.parked_at is null and o.integration_id > x.integration_id
        order by o.integration_id, o.next_attempt_at limit 1
      ) n
    )
    select array_agg(lane.integration_id) into v_dirty from lane;
  else
    v_dirty := array[p_integration];
  end if;

  for v in
    select l.integration_id, l.organisation_id
    from private.sync_lanes l
    join public.calendar_integrations i on i.id = l.integration_id
    where l.integration_id = any (v_dirty) and l.provider = p_provider
      and private.lane_may_work(i)
      and (l.paused_until is null or l.paused_until <= v_now)
      and (l.lease_until is null or l.lease_until <= v_now)
      and exists (
        select 1 from private.sync_outbox o
        where o.integration_id = l.integration_id and o.parked_at is null and o.next_attempt_at <= v_now
      )
      and private.paused(l.organisation_id, l.provider) is null
    -- Served longest ago comes first, so that one backlog cannot starve other lanes.
    order by l.claimed_at nulls first, l.integration_id
    limit p_max_lanes
    for update of l skip locked
  loop
    exit when v_bytes_left <= 0;
    begin
      v_lane := private.lease_lane(
        v.integration_id, p_worker, p_lease_seconds, p_max_jobs, least(1000000, v_bytes_left), p_units_per_minute);
      v_bytes_left := v_bytes_left - coalesce(pg_column_size(v_lane -> 'jobs'), 0);
      v_lanes := v_lanes || coalesce(v_lane, '[]'::jsonb);
    exception
      when query_canceled or others then
        -- What is wrong with one lane stays with it.
        v_troubled := v_troubled || jsonb_build_object(
          'integrationId', v.integration_id, 'organisationId', v.organisation_id, 'code', 'SYNC_FAILED',
          'sqlState', sqlstate);
        if sqlstate = '57014' or private.park_unreadable_jobs(v.integration_id, p_max_jobs) = 0 then
          perform private.strike_lane(v.integration_id, 'SYNC_FAILED');
        end if;
        -- A statement times out once: after that nothing would end a second lane of this kind.
        exit when sqlstate = '57014';
    end;
  end loop;

  if jsonb_array_length(v_lanes) = 0 then
    select min(greatest(first.due, coalesce(l.paused_until, first.due))) into v_next
    from private.sync_lanes l
    join public.calendar_integrations i on i.id = l.integration_id
    cross join lateral (
      select o.next_attempt_at as due from private.sync_outbox o
      where o.integration_id = l.integration_id and o.parked_at is null order by o.next_attempt_at limit 1
    ) first
    where l.integration_id = any (v_dirty) and l.provider = p_provider
      and private.lane_may_work(i)
      and (l.lease_until is null or l.lease_until <= v_now)
      and private.paused(l.organisation_id, l.provider) is null;
  end if;
  return jsonb_build_object(
    'lanes', v_lanes, 'troubled', v_troubled,
    'nextDueInMs', case when v_next is not null then ceil(extract(epoch from greatest(v_next - v_now, interval '0')) * 1000) end
  );
end
$$;
comment on function public.sync_claim(uuid, text, uuid, integer, integer, integer, integer) is
  'Service only: leases lanes with due work and hands out their jobs with everything that deciding needs: at most 1 MB '
  'of jobs a lane and 2 MB in all. troubled: [{integrationId, organisationId, code, sqlState}], lanes that could not be '
  'claimed: one of their rows was parked, or they wait for a while.';

create function public.sync_reserve(p_worker uuid, p_integration uuid, p_items jsonb) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_lane private.sync_lanes;
  v_locked uuid[];
begin
  select * into v_lane from private.sync_lanes l where l.integration_id = p_integration and l.lease_owner = p_worker for update;
  if not found then
    return jsonb_build_object('reserved', '[]'::jsonb);
  end if;
  select coalesce(array_agg(o.rdv_id), '{}') into v_locked
  from (
    select q.rdv_id from private.sync_outbox q
    join jsonb_to_recordset(p_items) as x ("rdvId" uuid, version bigint) on x."rdvId" = q.rdv_id and x.version = q.version
    where q.integration_id = p_integration
    order by q.rdv_id
    for update of q skip locked
  ) o;
  with item as (
    select * from jsonb_to_recordset(p_items) as x ("rdvId" uuid, "calendarId" text, "eventId" text, epoch integer)
    where x."rdvId" = any (v_locked)
  ), link as (
    insert into public.appointment_external_links as l
      (organisation_id, rdv_id, integration_id, provider, external_calendar_id, external_event_id, epoch, sync_status)
    select v_lane.organisation_id, i."rdvId", p_integration, v_lane.provider, i."calendarId", i."eventId", i.epoch, 'pending'
    from item i
    on conflict (integration_id, rdv_id) do update set
      external_calendar_id = excluded.external_calendar_id, external_event_id = excluded.external_event_id,
      epoch = excluded.epoch, etag = null, sync_status = 'pending', skip_reason = null, updated_at = now()
    returning l.id, l.rdv_id
  )
  insert into private.link_states as s (link_id, presence, patient_id)
  select link.id, 'reserved', r.patient_id from link left join public.rdv r on r.id = link.rdv_id
  on conflict (link_id) do update set
    presence = 'reserved', pushed = null, base = null, fingerprint = null,
    patient_id = coalesce(excluded.patient_id, s.patient_id), updated_at = now();
  return jsonb_build_object('reserved', to_jsonb(v_locked));
end
$$;
comment on function public.sync_reserve(uuid, uuid, jsonb) is 'Service only: stores event ids before their events are made or ended, so that a lost answer finds its own event, and our own deletion is nobody else''s.';

create function public.sync_complete(p_worker uuid, p_integration uuid, p_results jsonb, p_lane jsonb) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_now timestamptz := private.clock();
  v_lane private.sync_lanes;
  v_user uuid;
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
    select i.user_id into v_user from public.calendar_integrations i where i.id = p_integration;
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

    insert into public.sync_conflicts (organisation_id, user_id, integration_id, source, entity_type, external_id, internal_id, reason, payload)
    select v_lane.organisation_id, v_user, p_integration, v_lane.provider, 'appointment', l.external_event_id, x."rdvId",
      x.conflict ->> 'reason', coalesce(x.conflict -> 'payload', '{}'::jsonb) || jsonb_build_object('rdvUpdatedAt', r.updated_at, 'changedBy', 'both')
    from jsonb_to_recordset(v_done) as x ("rdvId" uuid, conflict jsonb)
    left join public.rdv r on r.id = x."rdvId"
    left join public.appointment_external_links l on l.integration_id = p_integration and l.rdv_id = x."rdvId"
    where jsonb_typeof(x.conflict) = 'object'
    on conflict (integration_id, internal_id, reason) where status = 'open' and internal_id is not null and reason <> 'time_overlap'
    do update set payload = excluded.payload, external_id = excluded.external_id
    where sync_conflicts.payload is distinct from excluded.payload;

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

create function private.integration_for_sync(p_organisation uuid, p_user uuid, p_provider text)
returns public.calendar_integrations
language plpgsql stable security definer set search_path = ''
as $$
declare
  i public.calendar_integrations;
begin
  select * into i from public.calendar_integrations c
  where c.organisation_id = p_organisation and c.user_id = p_user and c.provider = p_provider and c.disconnected_at is null;
  if not found then
    raise exception 'NOT_CONNECTED' using errcode = 'P0001';
  elsif i.status = 'reconnect_required' then
    raise exception 'NEED_RECONSENT' using errcode = 'P0001';
  elsif i.calendar_target_id is null then
    raise exception 'NO_TARGET_CALENDAR' using errcode = 'P0001';
  elsif i.status = 'error' then
    raise exception '%', coalesce(i.last_error ->> 'code', 'SYNC_FAILED') using errcode = 'P0001';
  elsif private.paused(i.organisation_id, i.provider) is not null then
    raise exception 'SYNC_PAUSED' using errcode = 'P0001';
  end if;
  return i;
end
$$;
comment on function private.integration_for_sync(uuid, uuid, text) is 'The caller''s integration if it can sync; raises the error code otherwise.';

create function private.begin_manual_run(i public.calendar_integrations) returns uuid
language sql security definer set search_path = ''
as $$
  insert into public.sync_runs (organisation_id, integration_id, direction, trigger, started_at)
  values (i.organisation_id, i.id, 'export', 'manual', private.clock())
  returning id;
$$;
comment on function private.begin_manual_run(public.calendar_integrations) is 'A run that a person asked for.';

create function public.sync_mark(p_organisation uuid, p_user uuid, p_provider text, p_from timestamptz, p_to timestamptz)
returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  i public.calendar_integrations := private.integration_for_sync(p_organisation, p_user, p_provider);
  v_run uuid := private.begin_manual_run(i);
  v_from timestamptz;
  v_rdvs uuid[];
begin
  if i.export_enabled then
    select coalesce(p_from, date_trunc('day', private.clock() at time zone g.timezone) at time zone g.timezone) into v_from
    from public.organisations g where g.id = i.organisation_id;
    select array_agg(q.rdv_id) into v_rdvs
    from (
      select r.id as rdv_id
      from public.rdv r
      left join public.organisation_members m on m.organisation_id = r.organisation_id and m.id = r.practitioner_id
      where r.organisation_id = i.organisation_id and r.starts_at >= v_from and (p_to is null or r.starts_at < p_to)
        and (i.scope = 'organisation' or m.user_id = i.user_id)
      union
      select o.rdv_id from private.sync_outbox o where o.integration_id = i.id
    ) q;
    if v_rdvs is not null then
      perform private.enqueue(array_fill(i.id, array[cardinality(v_rdvs)]), v_rdvs, i.organisation_id, true, true, v_run);
    end if;
  end if;
  return jsonb_build_object('integrationId', i.id, 'runId', v_run);
end
$$;
comment on function public.sync_mark(uuid, uuid, text, timestamptz, timestamptz) is 'Service only: a person''s "sync now": the range (today and later by default) and whatever waits, counted under one run.';

create function public.sync_retry(p_organisation uuid, p_user uuid, p_provider text, p_rdv_ids uuid[]) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  i public.calendar_integrations := private.integration_for_sync(p_organisation, p_user, p_provider);
  v_run uuid := private.begin_manual_run(i);
  v_rdvs uuid[];
begin
  select array_agg(o.rdv_id) into v_rdvs
  from private.sync_outbox o
  where o.integration_id = i.id and (o.parked_at is not null or o.attempts > 0) and (p_rdv_ids is null or o.rdv_id = any (p_rdv_ids));
  if v_rdvs is not null then
    perform private.enqueue(array_fill(i.id, array[cardinality(v_rdvs)]), v_rdvs, i.organisation_id, true, false, v_run);
  end if;
  return jsonb_build_object('integrationId', i.id, 'runId', v_run);
end
$$;
comment on function public.sync_retry(uuid, uuid, text, uuid[]) is 'Service only: failed appointments become due again.';

create function public.sync_run_summary(p_run uuid) returns jsonb
language sql stable security definer set search_path = ''
as $$
  select jsonb_build_object(
    'created', u.created, 'updated', u.updated, 'deleted', u.deleted, 'skipped', u.skipped, 'failed', u.failed,
    'remaining', (select count(*) from private.sync_outbox o where o.run_id = u.id and o.parked_at is null),
    'failures', u.failures
  )
  from public.sync_runs u where u.id = p_run;
$$;
comment on function public.sync_run_summary(uuid) is 'Service only: what a run has done so far and what it still has before it.';

revoke execute on all functions in schema private from public;
grant execute on function private.my_organisations(), private.my_administered_organisations() to authenticated;
do $$
declare
  v_name regprocedure;
begin
  for v_name in
    select p.oid from pg_catalog.pg_proc p
    where p.pronamespace = 'public'::regnamespace and p.proname in
      ('sync_claim', 'sync_reserve', 'sync_complete', 'sync_mark', 'sync_retry', 'sync_run_summary')
  loop
    execute format('revoke execute on function %s from public, anon, authenticated', v_name);
    execute format('grant execute on function %s to service_role', v_name);
  end loop;
end
$$;

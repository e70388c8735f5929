create or replace function public.sync_claim(
  p_worker uuid, p_provider text, p_integration uuid, p_max_lanes integer, p_max_jobs integer, p_lease_seconds integer,
  p_units_per_minute integer
) returns jsonb
language plpgsql security definer set search_path = '' set statement_timeout = '10s'
set plan_cache_mode = force_generic_plan set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
set enable_material = off set enable_sort = off set jit = off
as $$
declare
  v_now timestamptz := private.clock();
  v_lanes jsonb := '[]'::jsonb;
  v_troubled jsonb := '[]'::jsonb;
  v_lane jsonb;
  v_bytes_left integer := 2000000;
  v_dirty uuid[];
  v_next timestamptz;
  v_due record;
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

  for v_due in
    select l.integration_id, l.organisation_id
    from private.sync_lanes l
    join public.calendar_integrations i on i.id = l.integration_id
    where l.integration_id = any (v_dirty) and l.provider = p_provider
      and private.lane_may_work(i)
      and (l.paused_until is null or l.paused_until <= v_now)
      and (l.lease_until is null or l.lease_until <= v_now) -- planted: ignored_lease
      and exists (
        select 1 from private.sync_outbox o
        where o.integration_id = l.integration_id and o.parked_at is null and o.next_attempt_at <= v_now
      )
      and private.paused(l.organisation_id, l.provider) is null
    -- Ordered by least recently claimed, so that one backlog cannot starve other lanes.
    order by l.claimed_at nulls first, l.integration_id
    limit p_max_lanes
    for update of l skip locked
  loop
    exit when v_bytes_left <= 0;
    begin
      v_lane := private.lease_lane(
        v_due.integration_id, p_worker, p_lease_seconds, p_max_jobs, least(1000000, v_bytes_left), p_units_per_minute);
      v_bytes_left := v_bytes_left - coalesce(pg_column_size(v_lane -> 'jobs'), 0);
      v_lanes := v_lanes || coalesce(v_lane, '[]'::jsonb);
    exception
      when query_canceled or others then
        -- What is wrong with one lane stays with it.
        v_troubled := v_troubled || jsonb_build_object(
          'integrationId', v_due.integration_id, 'organisationId', v_due.organisation_id, 'code', 'SYNC_FAILED',
          'sqlState', sqlstate);
        if sqlstate = '57014' or private.park_unreadable_jobs(v_due.integration_id, p_max_jobs) = 0 then
          perform private.strike_lane(v_due.integration_id, 'SYNC_FAILED');
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
      and (l.lease_until is null or l.lease_until <= v_now) -- planted: ignored_lease
      and private.paused(l.organisation_id, l.provider) is null;
  end if;
  return jsonb_build_object(
    'lanes', v_lanes, 'troubled', v_troubled,
    'nextDueInMs',
    case when v_next is not null then ceil(extract(epoch from greatest(v_next - v_now, interval '0')) * 1000) end
  );
end
$$;
comment on function public.sync_claim(uuid, text, uuid, integer, integer, integer, integer) is
  'Service only: leases lanes with due work and hands out their jobs with everything that deciding needs: at most 1 '
  'MB of jobs a lane and 2 MB in all. troubled: [{integrationId, organisationId, code, sqlState}], lanes that could '
  'not be claimed: one of their rows was parked, or they wait for a while.';
grant execute on function public.sync_claim(uuid, text, uuid, integer, integer, integer, integer) to service_role;

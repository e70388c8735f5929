create or replace function public.sync_claim(
  p_worker uuid, p_provider text, p_integration uuid, p_max_lanes integer, p_max_jobs integer, p_lease_seconds integer,
  p_units_per_minute integer, p_project_units_per_minute integer default null, p_joins boolean default false
) returns jsonb
language plpgsql security definer set search_path = '' set statement_timeout = '10s'
set plan_cache_mode = force_generic_plan set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
set enable_material = off set enable_sort = off set jit = off
as $$
declare
  v_lanes jsonb := '[]'::jsonb;
  v_troubled jsonb := '[]'::jsonb;
  v_lane jsonb;
  v_bytes_left integer := 2000000;
  v_due record;
  v_project private.project_budgets;
  v_spent numeric := 0;
  v_left numeric;
  v_joined boolean;
  v_heeded boolean;
  v_next double precision;
begin
  if private.paused(null, p_provider) is not null then
    return jsonb_build_object('lanes', v_lanes, 'nextDueInMs', null, 'troubled', v_troubled);
  end if;
  v_joined := not p_joins or private.has_place(p_provider, 'sync', p_worker);
  v_project := private.hold_project(p_provider, p_project_units_per_minute);
  v_heeded := private.heed_lane_notices(p_provider);
  -- One for whom there is no place does what a person has just asked for, and ends. A quarter of the project's units is
  -- kept for that.
  for v_due in
    select * from private.due_lanes(
      p_provider, p_integration, p_max_lanes, not v_joined or v_project.units < v_project.capacity / 4 + 3,
      private.practices_over_share(v_project))
  loop
    v_left := v_project.units - v_spent - case when v_due.hurried then 0 else v_project.capacity / 4 end;
    exit when v_bytes_left <= 0 or v_left < 3;
    begin
      v_lane := private.lease_lane(
        v_due.integration_id, p_worker, p_lease_seconds, p_max_jobs, least(1000000, v_bytes_left), p_units_per_minute,
        v_left);
      v_spent := v_spent + coalesce((v_lane ->> 'budgetUnits')::numeric, 0);
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

  perform private.spend_project(v_project, v_spent);
  if v_joined then
    v_next := private.next_due_ms(p_provider, p_integration);
    -- What is due may have to wait for units.
    v_next := case
      when v_project.units < v_project.capacity / 2 and v_next is not null then greatest(v_next, 500) else v_next
    end;
    -- A lane that a worker gives back at this moment may have got more work since that looked.
    v_next := case when v_heeded then v_next else least(v_next, 100) end;
  end if;
  if p_joins and v_next <= 10000 then
    v_next := case when private.take_place(p_provider, 'sync', p_worker) then v_next end;
  elsif p_joins then
    perform private.leave_places(array[p_worker]);
  end if;
  return jsonb_build_object('lanes', v_lanes, 'troubled', v_troubled, 'nextDueInMs', v_next);
end
$$;
comment on function public.sync_claim(uuid, text, uuid, integer, integer, integer, integer, integer, boolean) is
  'Service only: leases lanes with due work and hands out their jobs with everything that deciding needs: at most 1 '
  'MB of jobs a lane and 2 MB in all. troubled: [{integrationId, organisationId, code, sqlState}], lanes that could '
  'not be claimed: one of their rows was parked, or they wait for a while. p_units_per_minute: quota of an account, '
  'p_project_units_per_minute: of the project. p_joins: the worker goes on from claim to claim while something that '
  'no worker has leased is due within ten seconds (nextDueInMs), if there is a place for it.';
grant execute on function public.sync_claim(uuid, text, uuid, integer, integer, integer, integer, integer, boolean)
to service_role;

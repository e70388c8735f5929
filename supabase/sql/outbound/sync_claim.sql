create or replace function public.sync_claim(
  p_worker uuid, p_provider text, p_integration uuid, p_max_lanes integer, p_max_jobs integer, p_lease_seconds integer,
  p_units_per_minute integer
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
begin
  if private.paused(null, p_provider) is not null then
    return jsonb_build_object('lanes', v_lanes, 'nextDueInMs', null, 'troubled', v_troubled);
  end if;
  perform private.heed_lane_notices(p_provider);
  for v_due in select * from private.due_lanes(p_provider, p_integration, p_max_lanes)
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

  return jsonb_build_object(
    'lanes', v_lanes, 'troubled', v_troubled,
    'nextDueInMs', case when jsonb_array_length(v_lanes) = 0 then private.next_due_ms(p_provider, p_integration) end
  );
end
$$;
comment on function public.sync_claim(uuid, text, uuid, integer, integer, integer, integer) is
  'Service only: leases lanes with due work and hands out their jobs with everything that deciding needs: at most 1 '
  'MB of jobs a lane and 2 MB in all. troubled: [{integrationId, organisationId, code, sqlState}], lanes that could '
  'not be claimed: one of their rows was parked, or they wait for a while.';
grant execute on function public.sync_claim(uuid, text, uuid, integer, integer, integer, integer) to service_role;

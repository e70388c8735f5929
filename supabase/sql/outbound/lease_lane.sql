create or replace function private.lease_lane(
  p_integration uuid, p_worker uuid, p_lease_seconds integer, p_max_jobs integer, p_max_bytes integer,
  p_units_per_minute integer
) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_now timestamptz := private.clock();
  l private.sync_lanes;
  i public.calendar_integrations;
  v_budget integer;
begin
  select * into l from private.sync_lanes x where x.integration_id = p_integration;
  select * into i from public.calendar_integrations x where x.id = p_integration;
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
  return private.lane_terms(i) || jsonb_build_object(
    'integrationId', i.id, 'organisationId', i.organisation_id, 'budgetUnits', v_budget, 'strikes', l.strikes,
    'credential', private.known_token(i.id),
    'jobs', private.lane_jobs(i.id, least(p_max_jobs, coalesce(v_budget, p_max_jobs)), p_max_bytes)
  );
end
$$;
comment on function private.lease_lane(uuid, uuid, integer, integer, integer, integer) is
  'Leases a lane, whose row the caller has locked, and gives what working on it needs; null where its account has no '
  'units left.';

create or replace function private.lease_lane(
  p_integration uuid, p_worker uuid, p_lease_seconds integer, p_max_jobs integer, p_max_bytes integer,
  p_units_per_minute integer, p_project_units numeric
) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_now timestamptz := private.clock();
  v_strikes integer := (select l.strikes from private.sync_lanes l where l.integration_id = p_integration);
  v_integration public.calendar_integrations;
  v_budget integer;
begin
  select * into v_integration from public.calendar_integrations i where i.id = p_integration;
  -- Of the project's units as many as the lane may need: four for each appointment, and forty beside them, which is
  -- more than all the rounds of one that meets another version again and again. The others are for other lanes.
  v_budget := private.take_budget(
    p_integration, v_integration.provider, v_integration.account_id, p_units_per_minute,
    case
      when p_project_units is not null then least(floor(p_project_units), 40 + 4 * private.waiting(p_integration))
    end::integer
  );
  if v_budget = 0 then
    return null;
  end if;
  update private.sync_lanes l set
    lease_owner = p_worker, lease_until = v_now + make_interval(secs => p_lease_seconds),
    paused_until = null, pause_code = null, hurried_at = null, reserved_units = coalesce(v_budget, 0)
  where l.integration_id = p_integration;
  return private.lane_terms(v_integration) || jsonb_build_object(
    'integrationId', p_integration, 'organisationId', v_integration.organisation_id,
    'budgetUnits', v_budget, 'strikes', v_strikes,
    'credential', private.known_token(p_integration),
    -- One more than can be paid: so a worker knows that a small rest is not the end.
    'jobs', private.lane_jobs(p_integration, least(p_max_jobs, coalesce(v_budget + 1, p_max_jobs)), p_max_bytes)
  );
end
$$;
comment on function private.lease_lane(uuid, uuid, integer, integer, integer, integer, numeric) is
  'Leases a lane, whose row the caller has locked, and gives what working on it needs (Lane of the domain); null where '
  'its account has no units left. p_project_units: what it may have of the project''s; null: any number.';

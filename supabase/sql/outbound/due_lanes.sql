create or replace function private.due_lanes(
  p_provider text, p_integration uuid, p_limit integer, p_hurried boolean default false, p_passed uuid[] default '{}'
) returns table (integration_id uuid, organisation_id uuid, hurried boolean)
language plpgsql security definer set search_path = '' set plan_cache_mode = 'force_generic_plan'
as $$
declare
  v_now timestamptz := private.clock();
  v_stopped uuid[] := private.paused_practices();
  v_given uuid[] := '{}';
begin
  hurried := true;
  if p_integration is not null then
    for integration_id, organisation_id in
      select l.integration_id, l.organisation_id from private.sync_lanes l
      where l.integration_id = p_integration and l.provider = p_provider and l.reachable
        and (l.paused_until is null or l.paused_until <= v_now)
        and (l.lease_until is null or l.lease_until <= v_now) -- planted: ignored_lease
        and l.organisation_id <> all (v_stopped)
      for update skip locked
    loop
      if private.is_due(integration_id) then
        return next;
      end if;
    end loop;
    return;
  end if;
  -- What a person has just done goes before what waits.
  for integration_id, organisation_id in
    select l.integration_id, l.organisation_id from private.sync_lanes l
    where l.provider = p_provider and l.hurried_at > v_now - interval '1 minute' and l.due_at <= v_now
      and (l.lease_until is null or l.lease_until <= v_now) -- planted: ignored_lease
      and l.organisation_id <> all (v_stopped || p_passed)
    order by l.hurried_at
    limit p_limit
    for update skip locked
  loop
    v_given := v_given || integration_id;
    if private.is_due(integration_id) then
      return next;
    end if;
  end loop;
  if p_hurried then
    return;
  end if;
  hurried := false;
  -- In the order in which they became due: a lane with a backlog goes behind the others after each turn.
  for integration_id, organisation_id in
    select l.integration_id, l.organisation_id from private.sync_lanes l
    where l.provider = p_provider and l.due_at <= v_now
      and (l.lease_until is null or l.lease_until <= v_now) -- planted: ignored_lease
      and l.organisation_id <> all (v_stopped || p_passed) and l.integration_id <> all (v_given)
    order by l.due_at
    limit p_limit - cardinality(v_given)
    for update skip locked
  loop
    if private.is_due(integration_id) then
      return next;
    end if;
  end loop;
end
$$;
comment on function private.due_lanes(text, uuid, integer, boolean, uuid[]) is
  'Locks and gives the lanes that a worker may take now, or the one that is named: those first in which a person has '
  'changed something within the last minute (hurried, and with p_hurried these alone), then those that wait longest. '
  'p_passed: practices that wait. One of which it was only believed that it has work is put right.';

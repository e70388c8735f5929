create or replace function private.due_lanes(p_provider text, p_integration uuid, p_limit integer)
returns table (integration_id uuid, organisation_id uuid)
language plpgsql security definer set search_path = '' set plan_cache_mode = 'force_generic_plan'
as $$
declare
  v_now timestamptz := private.clock();
  v_stopped uuid[] := private.paused_practices();
begin
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
  -- In the order in which they became due: a lane with a backlog goes behind the others after each turn.
  for integration_id, organisation_id in
    select l.integration_id, l.organisation_id from private.sync_lanes l
    where l.provider = p_provider and l.due_at <= v_now
      and (l.lease_until is null or l.lease_until <= v_now) -- planted: ignored_lease
      and l.organisation_id <> all (v_stopped)
    order by l.due_at
    limit p_limit
    for update skip locked
  loop
    if private.is_due(integration_id) then
      return next;
    end if;
  end loop;
end
$$;
comment on function private.due_lanes(text, uuid, integer) is
  'Locks and gives the lanes that a worker may take now, those first that wait longest, or the one that is named. One '
  'of which it was only believed that it has work is put right.';

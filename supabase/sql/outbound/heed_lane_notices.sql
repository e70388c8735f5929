create or replace function private.heed_lane_notices(p_provider text) returns boolean
language plpgsql security definer set search_path = '' set plan_cache_mode = 'force_generic_plan'
as $$
declare
  v_lane record;
  v_all boolean := true;
begin
  -- One after another, each by its key: such a plan depends on no statistics.
  for v_lane in
    select n.integration_id, array_agg(n.id) as notices, min(n.due_at) as due_at,
      max(n.due_at) filter (where n.hurried) as hurried_at
    from (
      select * from private.lane_notices x
      -- Those of another provider are its own claim's: whose lane is held by a claim that does not want it would wait.
      -- Asked of each notice by the key of its lane, and not as a join, which may go through all lanes.
      where (
        select l.provider <> p_provider from private.sync_lanes l where l.integration_id = x.integration_id
      ) is not true
      order by x.id limit 500
    ) n
    group by n.integration_id
  loop
    perform from private.sync_lanes l where l.integration_id = v_lane.integration_id for no key update skip locked;
    if found then
      update private.sync_lanes l set
        first_due_at = least(l.first_due_at, v_lane.due_at), hurried_at = greatest(l.hurried_at, v_lane.hurried_at)
      where l.integration_id = v_lane.integration_id
        and (l.first_due_at is null or l.first_due_at > v_lane.due_at or v_lane.hurried_at is not null);
    elsif exists (select from private.sync_lanes l where l.integration_id = v_lane.integration_id) then
      v_all := false;
      continue;
    end if;
    delete from private.lane_notices n where n.id = any (v_lane.notices);
  end loop;
  return v_all;
end
$$;
comment on function private.heed_lane_notices(text) is
  'Writes to the lanes what their notices tell, so that those with work are found in an index. p_provider: of which '
  'provider; null: of all. False where others hold a lane at this moment: its notice is to be heeded again soon.';

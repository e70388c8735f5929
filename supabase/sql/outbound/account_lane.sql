create or replace function private.account_lane(p_lane private.sync_lanes, p_report private.lane_report)
returns timestamptz
language plpgsql security definer set search_path = ''
as $$
declare
  v_now timestamptz := private.clock();
  v_due timestamptz;
begin
  if p_report.project then
    perform private.slow_project(p_lane.provider, p_report.pause_seconds);
  end if;
  if p_report.worked then
    update public.calendar_integrations i set last_sync_at = v_now where i.id = p_lane.integration_id;
  end if;
  update private.sync_lanes l set
    last_success_at = case when p_report.worked then v_now else l.last_success_at end,
    strikes = case when p_report.strike then l.strikes + 1 when p_report.worked then 0 else l.strikes end,
    paused_until = case
      when p_report.pause_seconds is null or p_report.project then l.paused_until
      else v_now + make_interval(secs => p_report.pause_seconds)
    end,
    pause_code = case
      when p_report.pause_seconds is null or p_report.project then l.pause_code else p_report.pause_code
    end,
    lease_owner = case when p_report.release then null else l.lease_owner end,
    lease_until = case when p_report.release then null else l.lease_until end,
    -- What is left goes behind what other lanes have waiting.
    first_due_at = case
      when p_report.release then (
        select greatest(f.due, v_now) from (select private.first_due(l.integration_id) as due) f
        where f.due is not null
      )
      else l.first_due_at
    end,
    reserved_units = case when p_report.release then 0 else greatest(0, l.reserved_units - p_report.used_units) end
  where l.integration_id = p_lane.integration_id
  returning l.due_at into v_due;
  if p_report.release then
    update private.account_budgets b
      set units = b.units + greatest(0, p_lane.reserved_units - p_report.used_units)
      from public.calendar_integrations i
      where i.id = p_lane.integration_id and b.provider = p_lane.provider and b.account_id = i.account_id;
  end if;
  if p_report.used_units > 0 or p_report.release then
    perform private.settle_project(
      p_lane.provider, p_lane.organisation_id, p_report.used_units,
      case
        when p_report.release then greatest(p_report.used_units, p_lane.reserved_units) else p_report.used_units
      end);
  end if;
  return v_due;
end
$$;
comment on function private.account_lane(private.sync_lanes, private.lane_report) is
  'Writes what a report says of its lane: success, strikes, pause, units; and gives the lease and unused units back. '
  'Where the provider refused for the sake of our whole project, everything waits instead of this lane. When the '
  'lane is due next.';

create or replace function public.worker_abandon(p_workers uuid[]) returns jsonb
language plpgsql security definer set search_path = '' set statement_timeout = '3s'
as $$
declare
  v_now timestamptz := private.clock();
  v_lanes integer;
  v_calendars integer;
begin
  perform from private.sync_lanes l where l.lease_owner = any (p_workers) order by l.integration_id for update;
  update private.sync_lanes l set lease_owner = null, lease_until = null, reserved_units = 0
  where l.lease_owner = any (p_workers);
  get diagnostics v_lanes = row_count;
  -- The run stays where it is: the worker that leases the calendar next goes on with it.
  update private.calendar_cursors c
  set lease_owner = null, lease_until = null,
    -- What a person asked for is due by itself.
    next_poll_at = case
      when exists (
        select from private.import_runs r join private.import_requests q on q.run_id = r.id
        where r.integration_id = c.integration_id and r.calendar_id = c.calendar_id
      ) then c.next_poll_at
      else least(c.next_poll_at, v_now)
    end
  where c.lease_owner = any (p_workers);
  get diagnostics v_calendars = row_count;
  perform private.leave_places(p_workers);
  return to_jsonb(v_lanes + v_calendars);
end
$$;
comment on function public.worker_abandon(uuid[]) is
  'Service only: gives back at once what these workers have leased, and their places, for they end here; how many '
  'leases. What a lane had announced is looked at before it is written again.';
grant execute on function public.worker_abandon(uuid[]) to service_role;

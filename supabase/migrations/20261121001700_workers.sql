-- Workers: what an instance that ends gives back, and how long a call of the functions may take.

create function public.worker_abandon(p_workers uuid[]) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_now timestamptz := private.clock();
  v_lanes integer;
  v_calendars integer;
begin
  perform private.doubt_lane(l)
  from (
    select x.* from private.sync_lanes x where x.lease_owner = any (p_workers) order by x.integration_id for update
  ) l;
  update private.sync_lanes l set lease_owner = null, lease_until = null, reserved_units = 0
  where l.lease_owner = any (p_workers);
  get diagnostics v_lanes = row_count;
  -- The run stays where it is: whoever leases the calendar next goes on with it.
  update private.calendar_cursors c
  set lease_owner = null, lease_until = null, next_poll_at = least(c.next_poll_at, v_now)
  where c.lease_owner = any (p_workers);
  get diagnostics v_calendars = row_count;
  return to_jsonb(v_lanes + v_calendars);
end
$$;
comment on function public.worker_abandon(uuid[]) is
  'Service only: gives back at once what these workers have leased, for they end here; how many leases. What a lane '
  'had in hand is looked at before it is written again.';
revoke execute on function public.worker_abandon(uuid[]) from public, anon, authenticated;
grant execute on function public.worker_abandon(uuid[]) to service_role;

-- PostgREST sets a function's own statement_timeout before it calls it. Every function that the Edge Functions call has
-- one, far inside the 30 seconds after which they give a call up; who adds one that takes longer names it here.
do $$
declare
  v record;
begin
  for v in
    select p.oid::regprocedure as name, coalesce(t.timeout, '8s') as timeout
    from pg_catalog.pg_proc p
    left join (values
      ('worker_abandon', '3s'),
      ('sync_claim', '10s'), ('import_claim', '10s'),
      ('sync_complete', '15s'), ('sync_mark', '20s'), ('sync_retry', '20s'),
      ('import_stage', '20s'), ('import_missing', '20s'), ('import_ours', '20s'), ('import_finish', '25s')
    ) as t (name, timeout) on t.name = p.proname
    where p.pronamespace = 'public'::regnamespace and p.prokind = 'f'
      and has_function_privilege('service_role', p.oid, 'execute')
      and not has_function_privilege('authenticated', p.oid, 'execute')
      and p.prorettype <> 'trigger'::regtype
  loop
    execute format('alter function %s set statement_timeout = %L', v.name, v.timeout);
  end loop;
end
$$;

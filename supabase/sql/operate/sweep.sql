create or replace function private.sweep() returns integer
language plpgsql security definer set search_path = ''
as $$
declare
  v_provider text;
  v_sent integer := 0;
  v_due bigint;
  v_now timestamptz := private.clock();
begin
  perform private.heed_lane_notices(null);
  foreach v_provider in array private.providers() loop
    select count(*) into v_due from private.due_lanes(v_provider, null, 8 * private.most_workers(v_provider));
    v_due := greatest(v_due, (
      select count(*) from (
        select from private.grant_revocations g where g.provider = v_provider and g.next_attempt_at <= v_now limit 1
      ) one
    ));
    for v_worker in 1 .. private.workers_wanted(v_provider, 'sync', v_due, 8) loop
      v_sent := v_sent + private.nudge(v_provider)::integer;
    end loop;
  end loop;
  return v_sent;
end
$$;
comment on function private.sweep() is
  'Every minute: wakes as many workers of each provider as the work is worth that is due and that none has leased, one '
  'for eight lanes.';

create or replace function private.sweep() returns integer
language plpgsql security definer set search_path = ''
as $$
declare
  v_provider text;
  v_sent integer := 0;
  v_now timestamptz := private.clock();
begin
  for v_provider in
    select distinct l.provider
    from private.sync_lanes l
    join public.calendar_integrations i on i.id = l.integration_id
    where private.lane_may_work(i)
      and (l.paused_until is null or l.paused_until <= v_now)
      and (l.lease_until is null or l.lease_until <= v_now)
      and exists (
        select 1 from private.sync_outbox o
        where o.integration_id = l.integration_id and o.parked_at is null and o.next_attempt_at <= v_now
      )
      and private.paused(l.organisation_id, l.provider) is null
    union
    select g.provider from private.grant_revocations g where g.next_attempt_at <= v_now
  loop
    if private.nudge(v_provider) then
      v_sent := v_sent + 1;
    end if;
  end loop;
  return v_sent;
end
$$;
comment on function private.sweep() is
  'Every minute: nudges each provider for which work is due that no worker has leased.';

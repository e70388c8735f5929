create or replace function private.sweep() returns integer
language plpgsql security definer set search_path = ''
as $$
declare
  v_provider text;
  v_sent integer := 0;
  v_now timestamptz := private.clock();
begin
  perform private.heed_lane_notices(null);
  foreach v_provider in array private.providers() loop
    if (
      exists (select from private.due_lanes(v_provider, null, 20))
      or exists (
        select from private.grant_revocations g where g.provider = v_provider and g.next_attempt_at <= v_now
      )
    ) and private.nudge(v_provider) then
      v_sent := v_sent + 1;
    end if;
  end loop;
  return v_sent;
end
$$;
comment on function private.sweep() is
  'Every minute: nudges each provider for which work is due that no worker has leased.';

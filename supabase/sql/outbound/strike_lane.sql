create or replace function private.strike_lane(p_integration uuid, p_code text) returns void
language sql security definer set search_path = ''
as $$
  update private.sync_lanes l set
    strikes = l.strikes + 1, pause_code = p_code,
    paused_until = private.clock() + make_interval(secs => least(900, 30 * 2 ^ least(l.strikes, 10)))
  where l.integration_id = p_integration;
$$;
comment on function private.strike_lane(uuid, text) is
  'A lane that cannot even be claimed waits, each time longer: 30 seconds to 15 minutes.';

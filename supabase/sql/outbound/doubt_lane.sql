create or replace function private.doubt_lane(l private.sync_lanes) returns void
language sql security definer set search_path = ''
as $$
  update private.sync_outbox o set unsure = true
  from (
    select q.rdv_id from private.sync_outbox q
    where q.integration_id = l.integration_id and q.dirty_since <= l.claimed_at and not q.unsure
    for update skip locked
  ) x
  where o.integration_id = l.integration_id and o.rdv_id = x.rdv_id;
$$;
comment on function private.doubt_lane(private.sync_lanes) is
  'The worker of a lease ended in the middle of it: what was written of what waited then is not known.';

create or replace function private.note_dirty_lanes() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  insert into private.lane_notices (integration_id, due_at, hurried)
  -- A person writes one appointment, or a few. What is tried again waits as it was told to.
  select n.integration_id, min(n.next_attempt_at), count(*) <= 3 and max(n.attempts) = 0
  from new_rows n where n.parked_at is null group by n.integration_id;
  return null;
end
$$;
comment on function private.note_dirty_lanes() is
  'Statement trigger: whatever writes to the queue tells the next claim which lanes have work, from when on, and '
  'whether a person waits for it. It locks no lane, so a booking waits for no worker.';

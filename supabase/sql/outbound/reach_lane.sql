create or replace function private.reach_lane() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  -- What may be worked on can be another part of its queue by now: the next claim looks.
  update private.sync_lanes l set
    reachable = new.status = 'connected' and new.disconnected_at is null,
    first_due_at = least(l.first_due_at, private.clock())
  where l.integration_id = new.id;
  return null;
end
$$;
comment on function private.reach_lane() is
  'After-row trigger: a lane whose connection needs its person, or has ended, is in no queue; one whose settings '
  'changed is looked at.';

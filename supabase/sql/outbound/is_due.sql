create or replace function private.is_due(p_integration uuid) returns boolean
language plpgsql security definer set search_path = ''
as $$
declare
  v_first constant timestamptz := private.first_due(p_integration);
begin
  if v_first <= private.clock() then
    return true;
  end if;
  update private.sync_lanes l set first_due_at = v_first where l.integration_id = p_integration;
  return false;
end
$$;
comment on function private.is_due(uuid) is
  'Whether something of the lane''s queue can be worked on now. What was known of the lane may be older than its '
  'queue: that is put right.';

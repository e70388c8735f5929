create or replace function private.leased_cursor(p_worker uuid, p_run uuid) returns private.calendar_cursors
language plpgsql security definer set search_path = ''
as $$
declare
  c private.calendar_cursors;
begin
  update private.calendar_cursors x set lease_until = greatest(x.lease_until, private.clock() + interval '2 minutes')
  where x.run_id = p_run and x.lease_owner = p_worker
  returning * into c;
  return c;
end
$$;
comment on function private.leased_cursor(uuid, uuid) is 'The cursor of a run if the worker still holds it, its lease renewed; a row of nulls otherwise.';

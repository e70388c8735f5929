create or replace function private.leased_run(p_worker uuid, p_run uuid) returns private.import_runs
language plpgsql security definer set search_path = ''
as $$
declare
  v_run private.import_runs;
begin
  update private.calendar_cursors c set lease_until = greatest(c.lease_until, private.clock() + interval '2 minutes')
  from private.import_runs r
  where r.id = p_run and c.integration_id = r.integration_id and c.calendar_id = r.calendar_id
    and c.lease_owner = p_worker
  returning r.* into v_run;
  return v_run;
end
$$;
comment on function private.leased_run(uuid, uuid) is
  'A run in progress if the worker still holds the lease of its calendar, which is renewed; a row of nulls otherwise.';

create or replace function private.run_being_applied() returns uuid
language plpgsql stable security definer set search_path = ''
as $$
begin
  return (
    select r.id from private.import_runs r
    join private.calendar_cursors c on c.integration_id = r.integration_id and c.calendar_id = r.calendar_id
    -- import_finish begins by renewing its lease: that version of the row is of this very transaction.
    where r.mode = 'import' and c.lease_owner is not null and c.xmin = pg_current_xact_id()::xid
    limit 1
  );
end
$$;
comment on function private.run_being_applied() is
  'The import that this transaction applies; null where it does something else.';

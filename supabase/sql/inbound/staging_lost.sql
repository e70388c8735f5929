create or replace function private.staging_lost(p_run private.import_runs) returns boolean
language plpgsql stable security definer set search_path = ''
as $$
begin
  return (
    select not exists (select from private.staged_runs s where s.run_id = p_run.id)
  );
end
$$;
comment on function private.staging_lost(private.import_runs) is
  'Whether a crash of the server emptied the staging since the run began: what is missing there then says nothing.';

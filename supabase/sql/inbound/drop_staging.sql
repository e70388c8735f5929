create or replace function private.drop_staging() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  delete from private.import_staging s where s.run_id = old.id;
  return null;
end
$$;
comment on function private.drop_staging() is 'After-row trigger: what a run has read goes with the run.';

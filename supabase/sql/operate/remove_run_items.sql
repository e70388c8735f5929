create or replace function private.remove_run_items() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  delete from public.sync_run_items t using old_rows o where t.organisation_id = o.organisation_id and t.run_id = o.id;
  return null;
end
$$;
comment on function private.remove_run_items() is 'Statement trigger: items go with their run.';

create or replace function private.forget_idle_run(p_run uuid) returns void
language plpgsql security definer set search_path = ''
as $$
begin
  delete from public.sync_runs r
  where r.id = p_run and r.trigger <> 'manual'
    and r.created + r.updated + r.cancelled + r.failed + r.conflicts = 0
    and not exists (
      select 1 from public.sync_run_items t where t.organisation_id = r.organisation_id and t.run_id = r.id
    );
end
$$;
comment on function private.forget_idle_run(uuid) is
  'The journal tells what was done: a poll that found nothing is not kept.';

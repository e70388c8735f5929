create or replace function public.sync_run_summary(p_run uuid) returns jsonb
language sql stable security definer set search_path = '' set statement_timeout = '8s'
as $$
  select jsonb_build_object(
    'created', u.created, 'updated', u.updated, 'deleted', u.deleted, 'skipped', u.skipped, 'failed', u.failed,
    'remaining', (select count(*) from private.sync_outbox o where o.run_id = u.id and o.parked_at is null),
    'failures', u.failures
  )
  from public.sync_runs u where u.id = p_run;
$$;
comment on function public.sync_run_summary(uuid) is
  'Service only: what a run has done so far and what it still has before it.';
grant execute on function public.sync_run_summary(uuid) to service_role;

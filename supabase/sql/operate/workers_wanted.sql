create or replace function private.workers_wanted(p_provider text, p_task text, p_due bigint, p_each integer)
returns integer
language plpgsql stable security definer set search_path = ''
as $$
declare
  v_now timestamptz := private.clock();
  v_free integer;
begin
  if exists (
    select from private.project_budgets b where b.provider = p_provider and b.refused_until > v_now
  ) then
    return 0;
  end if;
  select private.most_workers(p_provider) - count(*) into v_free from private.worker_places w
  where w.provider = p_provider and w.task = p_task and w.held_until > v_now;
  return least(v_free, ceil(p_due::numeric / p_each));
end
$$;
comment on function private.workers_wanted(text, text, bigint, integer) is
  'How many workers to wake for so much that is due, of which each takes p_each at a time: no more than there are free '
  'places, and none while the provider refuses our whole project.';

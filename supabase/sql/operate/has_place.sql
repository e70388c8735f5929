create or replace function private.has_place(p_provider text, p_task text, p_worker uuid) returns boolean
language plpgsql stable security definer set search_path = ''
as $$
begin
  return private.most_workers(p_provider) > (
    select count(*) from private.worker_places w
    where w.provider = p_provider and w.task = p_task and w.held_until > private.clock()
      and w.worker is distinct from p_worker
  );
end
$$;
comment on function private.has_place(text, text, uuid) is
  'Whether a worker has a place among a function''s workers, or could take one.';

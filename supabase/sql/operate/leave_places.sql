create or replace function private.leave_places(p_workers uuid[]) returns void
language sql security definer set search_path = ''
as $$
  update private.worker_places w set worker = null, held_until = '-infinity' where w.worker = any (p_workers);
$$;
comment on function private.leave_places(uuid[]) is 'The places of workers that end here are free for others.';

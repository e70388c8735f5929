create or replace function private.leave_places(p_workers uuid[]) returns void
language plpgsql security definer set search_path = ''
as $$
begin
  update private.worker_places w set worker = null, held_until = '-infinity' where w.worker = any (p_workers);
end
$$;
comment on function private.leave_places(uuid[]) is 'The places of workers that end here are free for others.';

create or replace function public.worker_leave(p_worker uuid) returns jsonb
language plpgsql security definer set search_path = '' set statement_timeout = '3s'
as $$
begin
  perform private.leave_places(array[p_worker]);
  return to_jsonb(true);
end
$$;
comment on function public.worker_leave(uuid) is
  'Service only: a worker that could have gone on ends, and its place is free.';
grant execute on function public.worker_leave(uuid) to service_role;

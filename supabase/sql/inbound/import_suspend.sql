create or replace function public.import_suspend(p_worker uuid, p_run uuid, p_page_token text) returns jsonb
language plpgsql security definer set search_path = '' set statement_timeout = '8s'
as $$
begin
  update private.calendar_cursors c set
    page_token = p_page_token, lease_owner = null, lease_until = null,
    -- What a person asked for is due by itself; the time of the next poll is none of its business.
    next_poll_at = case when exists (select 1 from private.import_requests q where q.run_id = p_run) then c.next_poll_at else private.clock() end
  where c.run_id = p_run and c.lease_owner = p_worker;
  return to_jsonb(found);
end
$$;
comment on function public.import_suspend(uuid, uuid, text) is 'Service only: leaves a long run to the next invocation, which goes on at this page.';
grant execute on function public.import_suspend(uuid, uuid, text) to service_role;

create or replace function public.import_suspend(p_worker uuid, p_run uuid, p_page_token text) returns jsonb
language plpgsql security definer set search_path = '' set statement_timeout = '8s'
as $$
declare
  v_run private.import_runs := private.leased_run(p_worker, p_run);
begin
  if v_run.id is null then
    return to_jsonb(false);
  end if;
  update private.import_runs r set page_token = p_page_token where r.id = v_run.id;
  update private.calendar_cursors c set
    lease_owner = null, lease_until = null,
    -- What a person asked for is due by itself.
    next_poll_at = case
      when exists (select 1 from private.import_requests q where q.run_id = v_run.id) then c.next_poll_at
      else private.clock()
    end
  where c.integration_id = v_run.integration_id and c.calendar_id = v_run.calendar_id;
  return to_jsonb(true);
end
$$;
comment on function public.import_suspend(uuid, uuid, text) is
  'Service only: leaves a long run to the next invocation, which goes on at this page.';
grant execute on function public.import_suspend(uuid, uuid, text) to service_role;

create or replace function public.integration_failed(p_integration uuid, p_code text, p_message text) returns jsonb
language plpgsql security definer set search_path = '' set statement_timeout = '8s'
as $$
begin
  perform private.lock_connection(p_integration);
  update public.calendar_integrations i
    set status = 'error', last_error = jsonb_build_object('code', p_code, 'message', p_message)
    where i.id = p_integration and i.disconnected_at is null and i.status <> 'reconnect_required';
  return to_jsonb(found);
end
$$;
comment on function public.integration_failed(uuid, text, text) is
  'Service only: the connection itself cannot work (its calendar is gone or read-only); the queue is held until the '
  'person chooses.';
grant execute on function public.integration_failed(uuid, text, text) to service_role;

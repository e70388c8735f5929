create or replace function public.integration_reconnect_required(
  p_integration uuid, p_expected_version bigint, p_code text, p_message text
) returns jsonb
language plpgsql security definer set search_path = '' set statement_timeout = '8s'
as $$
begin
  perform private.lock_connection(p_integration);
  perform from private.credentials c
    where c.integration_id = p_integration and c.version = p_expected_version for update;
  if not found then
    return to_jsonb(false);
  end if;
  update public.calendar_integrations i
    set status = 'reconnect_required', last_error = jsonb_build_object('code', p_code, 'message', p_message)
    where i.id = p_integration and i.disconnected_at is null;
  return to_jsonb(found);
end
$$;
comment on function public.integration_reconnect_required(uuid, bigint, text, text) is
  'Service only: holds the queue until the person reconnects, unless the credential was renewed since that version.';
grant execute on function public.integration_reconnect_required(uuid, bigint, text, text) to service_role;

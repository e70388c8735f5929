create or replace function public.integration_credential(p_integration uuid) returns jsonb
language plpgsql security definer set search_path = '' set statement_timeout = '8s'
as $$
declare
  v_opened constant jsonb := private.open_credential(p_integration);
  v_trouble text;
begin
  if (v_opened ->> 'unreadable')::boolean then
    if private.sealing_key_fits() then
      v_trouble := 'CREDENTIAL_UNREADABLE';
      perform public.integration_reconnect_required(
        p_integration, (v_opened ->> 'version')::bigint, v_trouble, 'Open connection: its token does not open');
    else
      -- The key is the wrong one for every connection: no person can mend that by reconnecting.
      v_trouble := 'CONFIGURATION_ERROR';
    end if;
  end if;
  return v_opened || jsonb_build_object('unreadable', v_trouble);
end
$$;
comment on function public.integration_credential(uuid) is
  'Service only: opens the tokens of a connection. The access token is null when it has less than a minute left. '
  'unreadable: null, or the error code where the refresh token does not open; of CREDENTIAL_UNREADABLE the person '
  'has been told.';
grant execute on function public.integration_credential(uuid) to service_role;

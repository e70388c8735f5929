create or replace function public.integration_disconnect(
  p_organisation uuid, p_user uuid, p_provider text, p_remove_events boolean
) returns jsonb
language plpgsql security definer set search_path = '' set statement_timeout = '8s'
as $$
declare
  v_connection public.calendar_integrations;
  v_removing integer := 0;
begin
  v_connection := private.connection_of(p_organisation, p_user, p_provider);
  if v_connection.id is null then
    return null;
  end if;
  -- Another account that waited for an answer is not wanted either.
  perform private.drop_pending_grant(v_connection.id);
  if p_remove_events then
    v_removing := private.begin_removal(v_connection.id);
  end if;
  if v_removing = 0 then
    return jsonb_build_object(
      'integrationId', v_connection.id, 'state', 'disconnected',
      'revokeToken', private.end_connection(v_connection.id), 'removing', 0);
  end if;
  return jsonb_build_object(
    'integrationId', v_connection.id, 'state', 'removing', 'revokeToken', null, 'removing', v_removing);
end
$$;
comment on function public.integration_disconnect(uuid, uuid, text, boolean) is
  'Service only: ends a connection, at once or after its events are removed. Links survive, so that the same account '
  'finds its events again. Null if nothing is connected.';
grant execute on function public.integration_disconnect(uuid, uuid, text, boolean) to service_role;

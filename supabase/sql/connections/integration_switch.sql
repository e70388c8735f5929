create or replace function public.integration_switch(
  p_organisation uuid, p_user uuid, p_provider text, p_action text
) returns jsonb
language plpgsql security definer set search_path = '' set statement_timeout = '8s'
as $$
declare
  v_connection public.calendar_integrations;
  v_pending private.pending_grants;
begin
  -- As in connect_store: a member removed meanwhile waits for us.
  perform from public.organisation_members m
    where m.organisation_id = p_organisation and m.user_id = p_user for share;
  v_connection := private.lock_connection(i.id) from private.person_connection(p_organisation, p_user, p_provider) i;
  v_pending := private.pending_grant(v_connection.id);
  if v_pending.integration_id is null then
    raise exception 'OAUTH_STATE_INVALID' using errcode = 'P0001';
  end if;
  if p_action = 'keep' then
    if v_pending.expires_at is null then
      -- Its removal was for the sake of the other account.
      perform private.drop_outbox(v_connection.id);
      update public.calendar_integrations i set removing_events_since = null where i.id = v_connection.id;
    end if;
    perform private.drop_pending_grant(v_connection.id);
  elsif p_action = 'replace' then
    perform private.switch_account(v_connection.id);
  elsif p_action = 'remove_and_replace' then
    if private.unreachable(v_connection) is not null then
      raise exception '%', case when v_connection.disconnected_at is not null then 'NEED_RECONSENT'
        else private.unreachable(v_connection) end using errcode = 'P0001';
    end if;
    if private.begin_removal(v_connection.id) = 0 then
      perform private.switch_account(v_connection.id);
    else
      update private.pending_grants g set expires_at = null where g.integration_id = v_connection.id;
    end if;
  else
    raise exception 'INVALID_REQUEST' using errcode = 'P0001';
  end if;
  return to_jsonb(v_connection.id);
end
$$;
comment on function public.integration_switch(uuid, uuid, text, text) is
  'Service only: what becomes of a grant of another account; returns the connection''s id. keep (it is dropped), '
  'replace (the old connection ends), remove_and_replace (once the events of the old account are removed). Raises '
  'OAUTH_STATE_INVALID (none waits), NEED_RECONSENT (the old account is out of reach) or INVALID_REQUEST.';
grant execute on function public.integration_switch(uuid, uuid, text, text) to service_role;

create or replace function public.integration_switch(p_organisation uuid, p_user uuid, p_provider text, p_action text) returns jsonb
language plpgsql security definer set search_path = '' set statement_timeout = '8s'
as $$
declare
  integration public.calendar_integrations;
  pending private.pending_grants;
begin
  -- As in connect_store: a member removed meanwhile waits for us.
  perform from public.organisation_members m
    where m.organisation_id = p_organisation and m.user_id = p_user for share;
  integration := private.lock_connection(i.id) from private.person_connection(p_organisation, p_user, p_provider) i;
  pending := private.pending_grant(integration.id);
  if pending.integration_id is null then
    raise exception 'OAUTH_STATE_INVALID' using errcode = 'P0001';
  end if;
  if p_action = 'keep' then
    if pending.expires_at is null then
      -- Its removal was for the sake of the other account.
      perform private.drop_outbox(integration.id);
      update public.calendar_integrations i set removing_events_since = null where i.id = integration.id;
    end if;
    perform private.drop_pending_grant(integration.id);
  elsif p_action = 'replace' then
    perform private.switch_account(integration.id);
  elsif p_action = 'remove_and_replace' then
    if private.unreachable(integration) is not null then
      raise exception '%', case when integration.disconnected_at is not null then 'NEED_RECONSENT'
        else private.unreachable(integration) end using errcode = 'P0001';
    end if;
    if private.begin_removal(integration.id) = 0 then
      perform private.switch_account(integration.id);
    else
      update private.pending_grants g set expires_at = null where g.integration_id = integration.id;
    end if;
  else
    raise exception 'INVALID_REQUEST' using errcode = 'P0001';
  end if;
  return to_jsonb(integration.id);
end
$$;
comment on function public.integration_switch(uuid, uuid, text, text) is 'Service only: what becomes of a grant of another account; returns the connection''s id. keep (it is dropped), replace (the old connection ends), remove_and_replace (once the events of the old account are removed). Raises OAUTH_STATE_INVALID (none waits), NEED_RECONSENT (the old account is out of reach) or INVALID_REQUEST.';
grant execute on function public.integration_switch(uuid, uuid, text, text) to service_role;

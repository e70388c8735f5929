-- What a person sees of their connection, changes about it, and how it ends.

create function private.connection_of(p_organisation uuid, p_user uuid, p_provider text) returns public.calendar_integrations
language plpgsql security definer set search_path = ''
as $$
declare
  integration public.calendar_integrations;
begin
  integration := private.lock_connection(i.id) from public.calendar_integrations i
    where i.organisation_id = p_organisation and i.user_id = p_user and i.provider = p_provider;
  -- Judged under the lock: it may have ended while we waited.
  if integration.disconnected_at is not null then
    return null;
  end if;
  return integration;
end
$$;
comment on function private.connection_of(uuid, uuid, text) is 'The working (or ending) connection of a person, locked; all null if there is none.';

create function private.unreadable_calendar(i public.calendar_integrations) returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
begin
  return (
    select jsonb_build_object('code', c.last_error, 'message', null) from private.calendar_cursors c
    where c.integration_id = i.id and c.failures >= 3 and c.last_error is not null and private.follows(i, c.calendar_id) is not null
    order by c.failures desc, c.calendar_id limit 1
  );
end
$$;
comment on function private.unreadable_calendar(public.calendar_integrations) is
  'Why a followed calendar cannot be read, as {code, message}: a reading that failed once or twice is no news, the third is.';

create function public.integration_status(p_organisation uuid, p_user uuid, p_provider text) returns jsonb
language sql stable security definer set search_path = ''
as $$
  select jsonb_build_object(
    'integrationId', i.id,
    'connected', i.disconnected_at is null and i.removing_events_since is null,
    'status', i.status,
    'account', jsonb_build_object('email', i.account_email),
    'targetCalendar', case when i.calendar_target_id is not null
      then jsonb_build_object('id', i.calendar_target_id, 'name', i.calendar_target_name) end,
    'sourceCalendar', case when i.calendar_source_id is not null
      then jsonb_build_object('id', i.calendar_source_id, 'name', i.calendar_source_name) end,
    'settings', jsonb_build_object(
      'calendar_target_id', i.calendar_target_id, 'calendar_source_id', i.calendar_source_id,
      'export_enabled', i.export_enabled, 'import_enabled', i.import_enabled,
      'import_range_default', i.import_range_default, 'import_as', i.import_as, 'two_way', i.two_way,
      'event_detail', i.event_detail, 'scope', i.scope
    ),
    'lastSyncAt', i.last_sync_at,
    'lastImportAt', i.last_import_at,
    'pending', (select count(*) from private.sync_outbox o where o.integration_id = i.id and o.parked_at is null),
    'failed', (select count(*) from private.sync_outbox o where o.integration_id = i.id and o.parked_at is not null),
    'openConflicts', (
      select count(*) from public.sync_conflicts k
      where k.organisation_id = i.organisation_id and k.integration_id = i.id and k.status = 'open'
    ),
    'lastError', case when i.last_error ? 'code'
      then jsonb_build_object('code', i.last_error ->> 'code', 'message', i.last_error ->> 'message')
      else coalesce((
        -- A pause of a moment is no news; one of minutes or hours is named for what it is.
        select jsonb_build_object('code', l.pause_code, 'message', null) from private.sync_lanes l
        where l.integration_id = i.id and l.pause_code is not null and l.paused_until > private.clock() + interval '1 minute'
      ), private.unreadable_calendar(i)) end,
    'removingEvents', i.removing_events_since is not null,
    'pendingAccount', (
      select jsonb_build_object('email', g.account_email) from private.pending_grant(i.id) g where g.integration_id is not null
    ),
    'eventsInAccount', cardinality(private.live_events(i.id)),
    'paused', private.paused(i.organisation_id, i.provider)
  )
  from public.calendar_integrations i
  where i.organisation_id = p_organisation and i.user_id = p_user and i.provider = p_provider;
$$;
comment on function public.integration_status(uuid, uuid, text) is 'Service only: a person''s connection as the settings page shows it; null if there never was one.';

create function public.integration_update(p_organisation uuid, p_user uuid, p_provider text, p_changes jsonb) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  known constant text[] := array[
    'calendar_target_id', 'calendar_target_name', 'calendar_source_id', 'calendar_source_name', 'export_enabled',
    'import_enabled', 'import_range_default', 'import_as', 'two_way', 'event_detail', 'scope'];
  before public.calendar_integrations;
  wanted public.calendar_integrations;
  role text;
  repaired boolean;
begin
  if jsonb_typeof(p_changes) is distinct from 'object' or exists (
    select from jsonb_each(p_changes) c
    where c.key <> all (known) or (jsonb_typeof(c.value) = 'null' and c.key not like 'calendar%')
  ) then
    raise exception 'INVALID_REQUEST' using errcode = 'P0001';
  end if;
  -- Held until the end: a role that changes meanwhile waits for us, and then re-checks what we stored.
  select m.role into role from public.organisation_members m
    where m.organisation_id = p_organisation and m.user_id = p_user for share;
  if role is null then
    raise exception 'FORBIDDEN' using errcode = 'P0001';
  end if;
  before := private.connection_of(p_organisation, p_user, p_provider);
  if before.id is null or before.removing_events_since is not null then
    raise exception 'NOT_CONNECTED' using errcode = 'P0001';
  end if;
  wanted := jsonb_populate_record(before, p_changes);
  if wanted.scope = 'organisation' and p_changes ? 'scope' and role not in ('admin', 'secretary') then
    raise exception 'FORBIDDEN' using errcode = 'P0001';
  end if;
  -- A name stays only with the calendar it names.
  if wanted.calendar_target_id is distinct from before.calendar_target_id and not p_changes ? 'calendar_target_name' then
    wanted.calendar_target_name := null;
  end if;
  if wanted.calendar_source_id is distinct from before.calendar_source_id and not p_changes ? 'calendar_source_name' then
    wanted.calendar_source_name := null;
  end if;
  -- Before anything is sent, a person has said where to, and how much of it.
  if wanted.export_enabled and wanted.calendar_target_id is null then
    raise exception 'NO_TARGET_CALENDAR' using errcode = 'P0001';
  elsif wanted.export_enabled and wanted.event_detail is null then
    raise exception 'NO_EVENT_DETAIL' using errcode = 'P0001';
  end if;
  if wanted.export_enabled and not before.export_enabled then
    select date_trunc('day', private.clock(), o.timezone) into wanted.export_from
      from public.organisations o where o.id = p_organisation;
  end if;
  -- Choosing a calendar answers the trouble with the one before, even if it is the same one: access may be back.
  repaired := p_changes ? 'calendar_target_id' and wanted.calendar_target_id is not null
    and before.status = 'error' and before.last_error ->> 'code' in ('CALENDAR_NOT_FOUND', 'CALENDAR_READ_ONLY');
  if repaired then
    wanted.status := 'connected';
    wanted.last_error := null;
    update private.sync_lanes l set paused_until = null, pause_code = null, strikes = 0 where l.integration_id = before.id;
  end if;
  update public.calendar_integrations i
    set calendar_target_id = wanted.calendar_target_id, calendar_target_name = wanted.calendar_target_name,
      calendar_source_id = wanted.calendar_source_id, calendar_source_name = wanted.calendar_source_name,
      export_enabled = wanted.export_enabled, export_from = wanted.export_from, import_enabled = wanted.import_enabled,
      import_range_default = wanted.import_range_default, import_as = wanted.import_as, two_way = wanted.two_way,
      event_detail = wanted.event_detail, scope = wanted.scope, status = wanted.status, last_error = wanted.last_error
    where i.id = before.id;
  if before.export_enabled and not wanted.export_enabled then
    perform private.drop_outbox(before.id);
  elsif wanted.export_enabled and (
    repaired
    or (before.export_enabled, before.calendar_target_id, before.event_detail, before.scope)
      is distinct from (wanted.export_enabled, wanted.calendar_target_id, wanted.event_detail, wanted.scope)
  ) then
    perform private.mark_integration(before.id, true);
    perform private.nudge(p_provider);
  end if;
  return public.integration_status(p_organisation, p_user, p_provider);
end
$$;
comment on function public.integration_update(uuid, uuid, text, jsonb) is 'Service only: changes settings and marks what they touch. Raises NOT_CONNECTED, FORBIDDEN (the whole practice is for administrators and secretaries), NO_TARGET_CALENDAR or NO_EVENT_DETAIL (nothing is exported that was not decided), or INVALID_REQUEST.';

create function private.begin_removal(p_integration uuid) returns integer
language plpgsql security definer set search_path = ''
as $$
declare
  integration public.calendar_integrations;
  rdvs constant uuid[] := private.live_events(p_integration);
begin
  if cardinality(rdvs) = 0 then
    return 0;
  end if;
  update public.calendar_integrations i
    set removing_events_since = coalesce(i.removing_events_since, private.clock()),
      export_enabled = false, import_enabled = false
    where i.id = p_integration
    returning i.* into integration;
  perform private.ask_about_pending(p_integration);
  -- What was going to be exported is not; only what stands there is taken away.
  perform private.drop_outbox(p_integration);
  perform private.enqueue(
    array_fill(p_integration, array[cardinality(rdvs)]), rdvs, integration.organisation_id, false, false, null);
  update private.sync_lanes l set paused_until = null, pause_code = null where l.integration_id = p_integration;
  perform private.nudge(integration.provider);
  return cardinality(rdvs);
end
$$;
comment on function private.begin_removal(uuid) is 'Switches everything off and sets about removing what stands in the account; how many events that are.';

create function public.integration_disconnect(
  p_organisation uuid, p_user uuid, p_provider text, p_remove_events boolean
) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  integration public.calendar_integrations;
  removing integer := 0;
begin
  integration := private.connection_of(p_organisation, p_user, p_provider);
  if integration.id is null then
    return null;
  end if;
  -- Another account that waited for an answer is not wanted either.
  perform private.drop_pending_grant(integration.id);
  if p_remove_events then
    removing := private.begin_removal(integration.id);
  end if;
  if removing = 0 then
    return jsonb_build_object(
      'integrationId', integration.id, 'state', 'disconnected',
      'revokeToken', private.end_connection(integration.id), 'removing', 0);
  end if;
  return jsonb_build_object(
    'integrationId', integration.id, 'state', 'removing', 'revokeToken', null, 'removing', removing);
end
$$;
comment on function public.integration_disconnect(uuid, uuid, text, boolean) is 'Service only: ends a connection, at once or after its events are removed. Links survive, so that the same account finds its events again. Null if nothing is connected.';

create function private.switch_account(p_integration uuid) returns void
language plpgsql security definer set search_path = ''
as $$
declare
  integration public.calendar_integrations;
  pending private.pending_grants := private.pending_grant(p_integration);
  tokens jsonb;
begin
  tokens := private.open_token(pending.tokens_sealed, pending.organisation_id, p_integration, 'pending')::jsonb;
  perform private.end_unattended(p_integration);
  select i.* into integration from public.calendar_integrations i where i.id = p_integration;
  perform private.store_grant(
    integration, pending.account_id, pending.account_email, pending.scopes, tokens ->> 'access',
    pending.access_expires_at, tokens ->> 'refresh');
end
$$;
comment on function private.switch_account(uuid) is 'Puts the pending grant in the place of the connection''s own, unstarted.';

create function public.integration_switch(p_organisation uuid, p_user uuid, p_provider text, p_action text) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  integration public.calendar_integrations;
  pending private.pending_grants;
begin
  -- As in connect_store: a member removed meanwhile waits for us.
  perform from public.organisation_members m
    where m.organisation_id = p_organisation and m.user_id = p_user for share;
  integration := private.lock_connection(i.id) from public.calendar_integrations i
    where i.organisation_id = p_organisation and i.user_id = p_user and i.provider = p_provider;
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

create function public.integration_finish_removal(p_integration uuid) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  integration public.calendar_integrations;
  pending private.pending_grants;
begin
  integration := private.lock_connection(p_integration);
  if integration.removing_events_since is null or integration.disconnected_at is not null or exists (
    select from private.sync_outbox o where o.integration_id = p_integration and o.parked_at is null
  ) then
    return null;
  end if;
  pending := private.pending_grant(p_integration);
  if pending.integration_id is not null and pending.expires_at is null then
    perform private.switch_account(p_integration);
  else
    perform private.end_unattended(p_integration);
  end if;
  return jsonb_build_object('ended', true);
end
$$;
comment on function public.integration_finish_removal(uuid) is
  'Service only: once every event is removed or refused for good, disconnects, and goes on with the account that waited for it; null before that.';

revoke execute on function
  private.connection_of(uuid, uuid, text), private.unreadable_calendar(public.calendar_integrations),
  private.begin_removal(uuid), private.switch_account(uuid)
from public, anon, authenticated, service_role;
revoke execute on function
  public.integration_status(uuid, uuid, text), public.integration_update(uuid, uuid, text, jsonb),
  public.integration_disconnect(uuid, uuid, text, boolean), public.integration_switch(uuid, uuid, text, text),
  public.integration_finish_removal(uuid)
from public, anon, authenticated;
grant execute on function
  public.integration_status(uuid, uuid, text), public.integration_update(uuid, uuid, text, jsonb),
  public.integration_disconnect(uuid, uuid, text, boolean), public.integration_switch(uuid, uuid, text, text),
  public.integration_finish_removal(uuid)
to service_role;

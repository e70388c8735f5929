create or replace function public.integration_update(
  p_organisation uuid, p_user uuid, p_provider text, p_changes jsonb
) returns jsonb
language plpgsql security definer set search_path = '' set statement_timeout = '8s'
as $$
declare
  v_known constant text[] := array[
    'calendar_target_id', 'calendar_target_name', 'calendar_source_id', 'calendar_source_name', 'export_enabled',
    'import_enabled', 'import_range_default', 'import_as', 'two_way', 'event_detail', 'scope'];
  v_before public.calendar_integrations;
  v_wanted public.calendar_integrations;
  v_role text;
  v_repaired boolean;
begin
  if jsonb_typeof(p_changes) is distinct from 'object' or exists (
    select from jsonb_each(p_changes) c
    where c.key <> all (v_known) or (jsonb_typeof(c.value) = 'null' and c.key not like 'calendar%')
  ) then
    raise exception 'INVALID_REQUEST' using errcode = 'P0001';
  end if;
  -- Held until the end: a role that changes meanwhile waits for us, and then re-checks what we stored.
  select m.role into v_role from public.organisation_members m
    where m.organisation_id = p_organisation and m.user_id = p_user for share;
  if v_role is null then
    raise exception 'FORBIDDEN' using errcode = 'P0001';
  end if;
  v_before := private.connection_of(p_organisation, p_user, p_provider);
  if v_before.id is null or v_before.removing_events_since is not null then
    raise exception 'NOT_CONNECTED' using errcode = 'P0001';
  end if;
  v_wanted := jsonb_populate_record(v_before, p_changes);
  if v_wanted.scope = 'organisation' and p_changes ? 'scope' and v_role not in ('admin', 'secretary') then
    raise exception 'FORBIDDEN' using errcode = 'P0001';
  end if;
  -- A name stays only with the calendar it names.
  if v_wanted.calendar_target_id is distinct from v_before.calendar_target_id
    and not p_changes ? 'calendar_target_name' then
    v_wanted.calendar_target_name := null;
  end if;
  if v_wanted.calendar_source_id is distinct from v_before.calendar_source_id
    and not p_changes ? 'calendar_source_name' then
    v_wanted.calendar_source_name := null;
  end if;
  -- Before anything is sent, a person has said where to, and how much of it.
  if v_wanted.export_enabled and v_wanted.calendar_target_id is null then
    raise exception 'NO_TARGET_CALENDAR' using errcode = 'P0001';
  elsif v_wanted.export_enabled and v_wanted.event_detail is null then
    raise exception 'NO_EVENT_DETAIL' using errcode = 'P0001';
  end if;
  if v_wanted.export_enabled and not v_before.export_enabled then
    select date_trunc('day', private.clock(), o.timezone) into v_wanted.export_from
      from public.organisations o where o.id = p_organisation;
  end if;
  -- Choosing a calendar answers the trouble with the one before, even if it is the same one: access may be back.
  v_repaired := p_changes ? 'calendar_target_id' and v_wanted.calendar_target_id is not null
    and v_before.status = 'error' and v_before.last_error ->> 'code' in ('CALENDAR_NOT_FOUND', 'CALENDAR_READ_ONLY');
  if v_repaired then
    v_wanted.status := 'connected';
    v_wanted.last_error := null;
    update private.sync_lanes l set paused_until = null, pause_code = null, strikes = 0
    where l.integration_id = v_before.id;
  end if;
  update public.calendar_integrations i
    set calendar_target_id = v_wanted.calendar_target_id, calendar_target_name = v_wanted.calendar_target_name,
      calendar_source_id = v_wanted.calendar_source_id, calendar_source_name = v_wanted.calendar_source_name,
      export_enabled = v_wanted.export_enabled, export_from = v_wanted.export_from,
      import_enabled = v_wanted.import_enabled,
      import_range_default = v_wanted.import_range_default, import_as = v_wanted.import_as, two_way = v_wanted.two_way,
      event_detail = v_wanted.event_detail, scope = v_wanted.scope, status = v_wanted.status,
      last_error = v_wanted.last_error
    where i.id = v_before.id;
  if v_before.export_enabled and not v_wanted.export_enabled then
    perform private.drop_outbox(v_before.id);
  elsif v_wanted.export_enabled and (
    v_repaired
    or (v_before.export_enabled, v_before.calendar_target_id, v_before.event_detail, v_before.scope)
      is distinct from (v_wanted.export_enabled, v_wanted.calendar_target_id, v_wanted.event_detail, v_wanted.scope)
  ) then
    perform private.mark_integration(v_before.id, true);
    perform private.nudge(p_provider);
  end if;
  if v_wanted.calendar_target_id is distinct from v_before.calendar_target_id then
    -- What its owner moved there before is where it belongs now.
    update private.link_states s set target_calendar_id = null, updated_at = now()
    from public.appointment_external_links l
    where s.link_id = l.id and l.integration_id = v_before.id and s.target_calendar_id is not null
      and l.external_calendar_id = v_wanted.calendar_target_id;
  end if;
  return public.integration_status(p_organisation, p_user, p_provider);
end
$$;
comment on function public.integration_update(uuid, uuid, text, jsonb) is
  'Service only: changes settings and marks what they touch. p_changes: {calendar_target_id, calendar_target_name, '
  'calendar_source_id, calendar_source_name, export_enabled, import_enabled, import_range_default, import_as, '
  'two_way, event_detail, scope}, each if it changes. Raises NOT_CONNECTED, FORBIDDEN (the whole practice is for '
  'administrators and secretaries), NO_TARGET_CALENDAR or NO_EVENT_DETAIL (nothing is exported that was not decided), '
  'or INVALID_REQUEST.';
grant execute on function public.integration_update(uuid, uuid, text, jsonb) to service_role;

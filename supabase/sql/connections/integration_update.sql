create or replace function public.integration_update(p_organisation uuid, p_user uuid, p_provider text, p_changes jsonb) returns jsonb
language plpgsql security definer set search_path = '' set statement_timeout = '8s'
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
grant execute on function public.integration_update(uuid, uuid, text, jsonb) to service_role;

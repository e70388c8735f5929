create or replace function private.follows(i public.calendar_integrations, p_calendar text) returns text
language sql immutable set search_path = ''
as $$
  select case
    when i.disconnected_at is not null or i.removing_events_since is not null or i.status <> 'connected' then null
    when i.import_enabled and i.calendar_source_id = p_calendar then 'source'
    when i.two_way <> 'off' and i.export_enabled and i.calendar_target_id = p_calendar then 'target'
  end;
$$;
comment on function private.follows(public.calendar_integrations, text) is 'Why a calendar is followed: source, target (only our own events matter), or null.';

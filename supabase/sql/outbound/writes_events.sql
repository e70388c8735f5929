create or replace function private.writes_events(i public.calendar_integrations) returns boolean
language sql immutable set search_path = ''
as $$
  select i.removing_events_since is not null or (i.export_enabled and i.calendar_target_id is not null);
$$;
comment on function private.writes_events(public.calendar_integrations) is
  'Whether every queued appointment of this connection is worked on: it exports, or removes its events. Else only '
  'events to be erased are.';

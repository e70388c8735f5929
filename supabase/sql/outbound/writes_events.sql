create or replace function private.writes_events(p_connection public.calendar_integrations) returns boolean
language plpgsql immutable set search_path = ''
as $$
begin
  return p_connection.removing_events_since is not null
    or (p_connection.export_enabled and p_connection.calendar_target_id is not null);
end
$$;
comment on function private.writes_events(public.calendar_integrations) is
  'Whether every queued appointment of this connection is worked on: it exports, or removes its events. Else only '
  'events to be erased are.';

create or replace function private.follows(p_connection public.calendar_integrations, p_calendar text) returns text
language plpgsql stable security definer set search_path = ''
as $$
begin
  return (
    select case
      when p_connection.disconnected_at is not null or p_connection.removing_events_since is not null
      or p_connection.status <> 'connected' then null
      when p_connection.import_enabled and p_connection.calendar_source_id = p_calendar then 'source'
      when p_connection.export_enabled and private.holds_ours(p_connection, p_calendar) then 'target'
    end
  );
end
$$;
comment on function private.follows(public.calendar_integrations, text) is
  'Why a calendar is followed: source, target (only our own events matter: what a person does to them is taken over, '
  'asked about or put right), or null.';

create or replace function private.unreachable(p_connection public.calendar_integrations) returns text
language sql immutable set search_path = ''
as $$
  select case
    when p_connection.disconnected_at is not null then 'NOT_CONNECTED'
    when p_connection.status = 'reconnect_required' then 'NEED_RECONSENT'
    when p_connection.status <> 'connected' then coalesce(p_connection.last_error ->> 'code', 'SYNC_FAILED')
  end;
$$;
comment on function private.unreachable(public.calendar_integrations) is
  'Why nothing can be removed from an account now, as an error code; null if it can.';

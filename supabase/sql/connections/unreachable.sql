create or replace function private.unreachable(i public.calendar_integrations) returns text
language sql immutable set search_path = ''
as $$
  select case
    when i.disconnected_at is not null then 'NOT_CONNECTED'
    when i.status = 'reconnect_required' then 'NEED_RECONSENT'
    when i.status <> 'connected' then coalesce(i.last_error ->> 'code', 'SYNC_FAILED')
  end;
$$;
comment on function private.unreachable(public.calendar_integrations) is
  'Why nothing can be removed from an account now, as an error code; null if it can.';

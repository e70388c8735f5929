create or replace function private.unreadable_calendar(p_connection public.calendar_integrations) returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
begin
  return (
    select jsonb_build_object('code', c.last_error, 'message', null) from private.calendar_cursors c
    where c.integration_id = p_connection.id and c.failures >= 3 and c.last_error is not null
      and private.follows(p_connection, c.calendar_id) is not null
    order by c.failures desc, c.calendar_id limit 1
  );
end
$$;
comment on function private.unreadable_calendar(public.calendar_integrations) is
  'Why a followed calendar cannot be read, as {code, message}: a reading that failed once or twice is no news, the '
  'third is.';

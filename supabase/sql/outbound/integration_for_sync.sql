create or replace function private.integration_for_sync(p_organisation uuid, p_user uuid, p_provider text)
returns public.calendar_integrations
language plpgsql stable security definer set search_path = ''
as $$
declare
  v_connection public.calendar_integrations;
begin
  select * into v_connection from private.person_connection(p_organisation, p_user, p_provider) c
  where c.disconnected_at is null;
  if not found then
    raise exception 'NOT_CONNECTED' using errcode = 'P0001';
  elsif v_connection.status = 'reconnect_required' then
    raise exception 'NEED_RECONSENT' using errcode = 'P0001';
  elsif v_connection.calendar_target_id is null then
    raise exception 'NO_TARGET_CALENDAR' using errcode = 'P0001';
  elsif v_connection.status = 'error' then
    raise exception '%', coalesce(v_connection.last_error ->> 'code', 'SYNC_FAILED') using errcode = 'P0001';
  elsif private.paused(v_connection.organisation_id, v_connection.provider) is not null then
    raise exception 'SYNC_PAUSED' using errcode = 'P0001';
  end if;
  return v_connection;
end
$$;
comment on function private.integration_for_sync(uuid, uuid, text) is
  'The caller''s integration if it can sync; raises the error code otherwise.';

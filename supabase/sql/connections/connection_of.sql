create or replace function private.connection_of(
  p_organisation uuid, p_user uuid, p_provider text
) returns public.calendar_integrations
language plpgsql security definer set search_path = ''
as $$
declare
  v_connection public.calendar_integrations;
begin
  v_connection := private.lock_connection(i.id) from private.person_connection(p_organisation, p_user, p_provider) i;
  -- Judged under the lock: it may have ended while we waited.
  if v_connection.disconnected_at is not null then
    return null;
  end if;
  return v_connection;
end
$$;
comment on function private.connection_of(uuid, uuid, text) is
  'The working (or ending) connection of a person, locked; all null if there is none.';

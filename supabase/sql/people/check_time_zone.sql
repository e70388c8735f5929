create or replace function private.check_time_zone() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  if not private.is_time_zone(new.timezone) then
    raise exception 'Set the time zone: % is no IANA time zone', new.timezone using errcode = '22023';
  end if;
  return new;
end
$$;
comment on function private.check_time_zone() is 'Refuses an organisation whose zone Postgres does not know.';

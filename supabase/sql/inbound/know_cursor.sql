create or replace function private.know_cursor() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  select private.follows(i, new.calendar_id) into new.followed
  from public.calendar_integrations i where i.id = new.integration_id;
  return new;
end
$$;
comment on function private.know_cursor() is
  'Before-row trigger: why a calendar is followed; follow_calendars keeps it from then on.';

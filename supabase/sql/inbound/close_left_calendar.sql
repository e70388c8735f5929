create or replace function private.close_left_calendar() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  update public.sync_conflicts k set status = 'ignored', resolution = 'calendar_changed', resolved_at = private.clock()
  where k.integration_id = new.id and k.status = 'open' and k.entity_type = 'event'
    and k.payload ->> 'calendarId' = old.calendar_source_id;
  return null;
end
$$;
comment on function private.close_left_calendar() is
  'After-row trigger: questions about other people''s events go with the calendar that is read no longer.';

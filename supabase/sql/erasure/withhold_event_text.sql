create or replace function private.withhold_event_text() returns trigger
language plpgsql set search_path = ''
as $$
begin
  new.summary := null;
  new.description := null;
  new.location := null;
  new.attendees := '[]'::jsonb;
  new.html_link := null;
  return new;
end
$$;
comment on function private.withhold_event_text() is
  'Before-row trigger: of an event that is private, cancelled or made of an erased patient''s appointment only the '
  'time is kept.';

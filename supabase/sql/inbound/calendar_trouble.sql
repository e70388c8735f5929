create or replace function private.calendar_trouble(p_integration uuid, p_calendar text) returns void
language plpgsql security definer set search_path = ''
as $$
begin
  perform 1 from private.calendar_cursors c
  where c.integration_id = p_integration and c.calendar_id = p_calendar for no key update skip locked;
  if found then
    perform private.fail_import(p_integration, p_calendar, 'IMPORT_FAILED', null);
  end if;
exception
  -- What cannot even be marked must not stop the others either: the worker's log names it.
  when others then
    null;
end
$$;
comment on function private.calendar_trouble(uuid, text) is
  'Marks a calendar that could not be handed out: a strike, a growing pause, the code that its person sees.';

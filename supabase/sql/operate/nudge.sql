create or replace function private.nudge(p_provider text, p_function text default 'sync') returns boolean
language plpgsql security definer set search_path = ''
as $$
begin
  return private.send_nudge(p_provider, p_function) is not null;
exception
  -- A booking is never refused because of a fault out there: the sweep will find the row.
  when others then
    raise warning 'Send nudge: % (%)', sqlerrm, sqlstate;
    return false;
end
$$;
comment on function private.nudge(text, text) is
  'Wakes a provider''s sync (or import) function, unless all of it is paused. Never raises.';

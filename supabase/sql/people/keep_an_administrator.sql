create or replace function private.keep_an_administrator() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  -- One such change at a time: of two administrators who demote each other at once, each would still find the other.
  perform from public.organisations o where o.id = old.organisation_id for no key update;
  -- A practice that is deleted takes its members along. The deletion of a login is a right of its person.
  if not found or not exists (select from auth.users u where u.id = old.user_id) then
    return null;
  end if;
  if not exists (
    select from public.organisation_members m
    where m.organisation_id = old.organisation_id and m.role = 'admin' and m.user_id is not null
  ) then
    raise exception 'LAST_ADMINISTRATOR' using errcode = 'P0001';
  end if;
  return null;
end
$$;
comment on function private.keep_an_administrator() is
  'After-row trigger: refuses a change after which no administrator of the practice could sign in '
  '(LAST_ADMINISTRATOR).';

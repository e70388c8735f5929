create or replace function private.keep_role() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  -- Who may rename themselves must not promote themselves on the way.
  if new.role is distinct from old.role and (select auth.uid()) is not null
    and old.organisation_id not in (select private.my_administered_organisations()) then
    raise exception 'Change the role: only an administrator may' using errcode = '42501';
  end if;
  return new;
end
$$;
comment on function private.keep_role() is 'Only administrators change roles, their own included.';

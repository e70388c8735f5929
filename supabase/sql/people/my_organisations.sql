create or replace function private.my_organisations() returns setof uuid
language sql stable security definer set search_path = ''
as $$
  select m.organisation_id from public.organisation_members m where m.user_id = (select auth.uid());
$$;
comment on function private.my_organisations() is 'The organisations of the caller, for row level security.';
grant execute on function private.my_organisations() to authenticated;

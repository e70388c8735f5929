create or replace function private.my_administered_organisations() returns setof uuid
language sql stable security definer set search_path = ''
as $$
  select m.organisation_id from public.organisation_members m
  where m.user_id = (select auth.uid()) and m.role = 'admin';
$$;
comment on function private.my_administered_organisations() is
  'The organisations that the caller administers, for row level security.';
grant execute on function private.my_administered_organisations() to authenticated;

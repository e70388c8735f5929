create or replace function private.is_member(p_organisation uuid, p_user uuid) returns boolean
language sql stable security definer set search_path = ''
as $$
  select exists (
    select from public.organisation_members m where m.organisation_id = p_organisation and m.user_id = p_user
  );
$$;
comment on function private.is_member(uuid, uuid) is 'Whether the user belongs to the organisation now.';

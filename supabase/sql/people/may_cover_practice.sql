create or replace function private.may_cover_practice(p_organisation uuid, p_user uuid) returns boolean
language sql stable security definer set search_path = ''
as $$
  select exists (
    select from public.organisation_members m
    where m.organisation_id = p_organisation and m.user_id = p_user and m.role in ('admin', 'secretary')
  );
$$;
comment on function private.may_cover_practice(uuid, uuid) is
  'Whether the role of the user lets their calendar show the appointments of the whole practice (scope organisation).';

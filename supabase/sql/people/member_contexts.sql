create or replace function public.member_contexts(p_user uuid) returns jsonb
language sql stable security definer set search_path = '' set statement_timeout = '8s'
as $$
  select coalesce(
    jsonb_agg(
      jsonb_build_object(
        'organisationId', o.id, 'organisationName', o.name, 'memberId', m.id, 'role', m.role,
        'timezone', o.timezone, 'displayName', m.display_name
      ) order by o.name, o.id
    ),
    '[]'::jsonb
  )
  from public.organisation_members m
  join public.organisations o on o.id = m.organisation_id
  where m.user_id = p_user;
$$;
comment on function public.member_contexts(uuid) is
  'Service only: the memberships of a user, from which a request''s organisation and role are derived.';
grant execute on function public.member_contexts(uuid) to service_role;

create or replace function public.practices_of(p_user uuid) returns jsonb
language sql stable security definer set search_path = '' set statement_timeout = '8s'
as $$
  select coalesce(jsonb_agg(o.id order by o.name, o.id), '[]'::jsonb)
  from public.organisation_members m
  join public.organisations o on o.id = m.organisation_id
  where m.user_id = p_user;
$$;
comment on function public.practices_of(uuid) is
  'Service only: ids of the practices of which a user is a member; a request''s practice is one of them.';
grant execute on function public.practices_of(uuid) to service_role;

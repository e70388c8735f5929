create or replace function private.connections_of(p_member uuid) returns setof public.calendar_integrations
language sql stable security definer set search_path = ''
as $$
  select i.* from public.organisation_members m
  join public.calendar_integrations i on i.organisation_id = m.organisation_id and i.user_id = m.user_id
  where m.id = p_member and (i.disconnected_at is null or cardinality(private.live_events(i.id)) > 0)
  order by i.provider;
$$;
comment on function private.connections_of(uuid) is
  'A member''s connections that work, or in whose account events of ours are left.';

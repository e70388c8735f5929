create or replace function public.member_connections(p_member uuid) returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
begin
  if not exists (
    select from public.organisation_members m
    where m.id = p_member and m.organisation_id in (select private.my_administered_organisations())
  ) then
    raise exception 'Read connections: only an administrator of the practice may' using errcode = '42501';
  end if;
  return (
    select coalesce(jsonb_agg(jsonb_build_object(
      'provider', i.provider, 'accountEmail', i.account_email, 'events', cardinality(private.live_events(i.id)),
      'grantWorks', private.unreachable(i) is null
    )), '[]'::jsonb) from private.connections_of(p_member) i
  );
end
$$;
comment on function public.member_connections(uuid) is
  'An administrator looks what a member''s removal would leave: [{provider, accountEmail, events, grantWorks}].';
grant execute on function public.member_connections(uuid) to authenticated;

create or replace function public.remove_member(p_member uuid, p_remove_events boolean) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_connections jsonb;
begin
  perform from public.organisation_members m
    where m.id = p_member and m.organisation_id in (select private.my_administered_organisations());
  if not found then
    raise exception 'Remove member: only an administrator of the practice may' using errcode = '42501';
  end if;
  select coalesce(jsonb_agg(private.leave_account(i.id, p_remove_events)), '[]'::jsonb) into v_connections
  from private.connections_of(p_member) i;
  delete from public.organisation_members m where m.id = p_member;
  return jsonb_build_object('connections', v_connections);
end
$$;
comment on function public.remove_member(uuid, boolean) is
  'An administrator removes a member, who loses access at once: {connections: [{provider, accountEmail, events, '
  'state}]}.';
grant execute on function public.remove_member(uuid, boolean) to authenticated;

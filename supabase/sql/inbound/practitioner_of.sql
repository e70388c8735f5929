create or replace function private.practitioner_of(p_integration uuid) returns uuid
language plpgsql stable security definer set search_path = ''
as $$
begin
  return (
    select m.id
    from public.calendar_integrations i
    join public.organisation_members m on m.organisation_id = i.organisation_id and m.user_id = i.user_id
    where i.id = p_integration
  );
end
$$;
comment on function private.practitioner_of(uuid) is 'The member whose calendar account it is.';

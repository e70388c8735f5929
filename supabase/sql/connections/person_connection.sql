create or replace function private.person_connection(p_organisation uuid, p_user uuid, p_provider text)
returns setof public.calendar_integrations
language plpgsql stable security definer set search_path = '' rows 1
as $$
#variable_conflict use_column
begin
  return query
  select i.* from public.calendar_integrations i
  where i.organisation_id = p_organisation and i.user_id = p_user and i.provider = p_provider;
end
$$;
comment on function private.person_connection(uuid, uuid, text) is
  'A person''s connection in a practice, ended or not; no row if there never was one.';

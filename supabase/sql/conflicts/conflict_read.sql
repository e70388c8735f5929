create or replace function public.conflict_read(p_organisation uuid, p_user uuid, p_id uuid) returns jsonb
language plpgsql stable security definer set search_path = '' set statement_timeout = '8s'
as $$
declare
  v jsonb;
begin
  select jsonb_build_object(
    'id', k.id, 'reason', k.reason, 'status', k.status, 'resolution', k.resolution, 'entityType', k.entity_type,
    'integrationId', k.integration_id, 'provider', i.provider, 'connected', i.disconnected_at is null,
    'calendarId', k.payload ->> 'calendarId', 'eventId', coalesce(k.external_id, k.payload ->> 'eventId'), 'rdvId', k.internal_id,
    'payload', k.payload,
    'credential', private.known_token(i.id)
  ) into v
  from public.sync_conflicts k
  join public.calendar_integrations i on i.id = k.integration_id
  where k.id = p_id and k.organisation_id = p_organisation
    and exists (select 1 from public.organisation_members m where m.organisation_id = p_organisation and m.user_id = p_user);
  if v is null then
    raise exception 'CONFLICT_NOT_FOUND' using errcode = 'P0001';
  end if;
  return v;
end
$$;
comment on function public.conflict_read(uuid, uuid, uuid) is 'Service only: a conflict of the caller''s practice and what reading its event needs.';
grant execute on function public.conflict_read(uuid, uuid, uuid) to service_role;

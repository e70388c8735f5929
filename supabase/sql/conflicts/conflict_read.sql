create or replace function public.conflict_read(
  p_organisation uuid, p_user uuid, p_id uuid, p_seen timestamptz default null
) returns jsonb
language plpgsql stable security definer set search_path = '' set statement_timeout = '8s'
as $$
declare
  v_question jsonb;
begin
  select jsonb_build_object(
    'id', k.id, 'reason', k.reason, 'status', k.status, 'resolution', k.resolution, 'entityType', k.entity_type,
    'updatedAt', k.updated_at, 'asSeen', p_seen is null or p_seen = k.updated_at, 'payload', k.payload,
    'integrationId', k.integration_id, 'provider', i.provider, 'eventDetail', i.event_detail,
    'calendarTargetId', i.calendar_target_id,
    'calendarId', coalesce(l.external_calendar_id, k.payload ->> 'calendarId'),
    'eventId', coalesce(k.external_id, k.payload ->> 'eventId'), 'credential', private.known_token(i.id),
    'practice', jsonb_build_object('timezone', g.timezone, 'defaultDurationMinutes', g.default_duration_minutes),
    'rdv', case when r.id is not null then jsonb_build_object(
      'updatedAt', r.updated_at,
      'asShown', coalesce(r.updated_at = (k.payload ->> 'rdvUpdatedAt')::timestamptz, false),
      'status', r.status, 'source', r.source, 'type', r.type, 'act', r.act, 'notes', r.notes, 'location', r.location,
      'startsAt', r.starts_at, 'endsAt', r.ends_at, 'practitionerId', r.practitioner_id, 'patientId', r.patient_id
    ) end,
    'link', case when l.id is not null then jsonb_build_object(
      'state', s.state, 'etag', l.etag, 'epoch', l.epoch, 'pushed', s.pushed, 'base', s.base,
      'cancelledFrom', s.cancelled_from
    ) end,
    'former', case when f.event_id is not null then jsonb_build_object('epoch', f.epoch) end,
    'event', case when e.id is not null then jsonb_build_object(
      'etag', e.etag, 'status', e.status, 'updatedAt', e.updated_at, 'provider', e.provider,
      'type', private.imported_type(e.summary), 'description', e.description, 'location', e.location,
      'startsAt', e.start_at, 'endsAt', e.end_at, 'time', private.event_time(e)
    ) end
  ) into v_question
  from public.sync_conflicts k
  join public.calendar_integrations i on i.id = k.integration_id
  join public.organisations g on g.id = k.organisation_id
  left join public.rdv r on r.id = k.internal_id and r.organisation_id = k.organisation_id
  left join public.appointment_external_links l
    on k.entity_type = 'appointment' and l.integration_id = k.integration_id and l.rdv_id = k.internal_id
  left join private.link_states s on s.link_id = l.id
  left join private.former_events f
    on k.entity_type = 'appointment' and f.integration_id = k.integration_id and f.rdv_id = k.internal_id
    and f.calendar_id = k.payload ->> 'calendarId' and f.event_id = k.external_id
  left join public.external_events e
    on k.entity_type = 'event' and e.organisation_id = k.organisation_id
    and e.external_calendar_id = k.payload ->> 'calendarId' and e.external_event_id = k.external_id
  where k.id = p_id and k.organisation_id = p_organisation and private.is_member(p_organisation, p_user);
  if v_question is null then
    raise exception 'CONFLICT_NOT_FOUND' using errcode = 'P0001';
  end if;
  return v_question;
end
$$;
comment on function public.conflict_read(uuid, uuid, uuid, timestamptz) is
  'Service only: a conflict of the caller''s practice with both its sides, and what reading its event needs: Question '
  'of sync/inbound/settle_conflict.ts. p_seen: the updated_at of what the person saw.';
grant execute on function public.conflict_read(uuid, uuid, uuid, timestamptz) to service_role;

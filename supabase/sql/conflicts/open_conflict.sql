create or replace function private.open_conflict(
  p_integration uuid, p_entity text, p_rdv uuid, p_event text, p_reason text, p_payload jsonb
) returns void
language sql security definer set search_path = ''
as $$
  insert into public.sync_conflicts
    (organisation_id, user_id, integration_id, source, entity_type, external_id, internal_id, reason, payload)
  select i.organisation_id, i.user_id, i.id, i.provider, p_entity, p_event, p_rdv, p_reason, p_payload
  from public.calendar_integrations i where i.id = p_integration
  on conflict (integration_id, internal_id, reason)
    where status = 'open' and internal_id is not null and reason <> 'time_overlap'
  do update set payload = excluded.payload, external_id = excluded.external_id
    where sync_conflicts.payload is distinct from excluded.payload;
$$;
comment on function private.open_conflict(uuid, text, uuid, text, text, jsonb) is
  'Asks a person about an appointment and its event, or shows the question that is open already anew. p_entity: '
  'appointment (ours, exported) or event (theirs, imported). p_payload: {calendarId, eventId, etag, rdvUpdatedAt, '
  'changedBy, fields, cassius, calendar, base}, each side as EventContent of the provider port or null.';

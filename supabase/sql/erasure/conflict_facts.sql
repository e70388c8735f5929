create or replace function private.conflict_facts(p_payload jsonb, p_keep_place boolean) returns jsonb
language sql immutable set search_path = ''
as $$
  select coalesce(jsonb_object_agg(e.key, case
    when e.key in ('cassius', 'calendar', 'base') and jsonb_typeof(e.value) = 'object' then
      jsonb_strip_nulls(jsonb_build_object(
        'time', e.value -> 'time',
        'location', case when p_keep_place and e.key = 'cassius' then e.value -> 'location' end))
    else e.value
  end), '{}'::jsonb)
  from jsonb_each(p_payload) e
  where e.key in ('calendarId', 'eventId', 'etag', 'rdvUpdatedAt', 'fields', 'changedBy', 'flapping', 'returns', 'key',
    'fingerprint', 'known', 'unchecked', 'cancelled', 'moved', 'count', 'events', 'appointments')
    or (e.key in ('cassius', 'calendar', 'base') and jsonb_typeof(e.value) in ('object', 'null'));
$$;
comment on function private.conflict_facts(jsonb, boolean) is
  'A conflict''s payload without any text: ids, times, counts; p_keep_place: and where the appointment was. '
  'p_payload: {calendarId, eventId, etag, rdvUpdatedAt, fields, changedBy, flapping, returns, key, fingerprint, known, '
  'unchecked, cancelled, moved, count, events, appointments, cassius, calendar, base}; other keys go.';

create or replace function private.ask_about_edited(p_run private.import_runs, p_untouched uuid[]) returns void
language sql security definer set search_path = ''
as $$
  select private.open_conflict(p_run.integration_id, 'event', r.id, s.event_id,
    'changed_both_sides', jsonb_build_object(
    'calendarId', p_run.calendar_id, 'eventId', s.event_id, 'etag', s.etag, 'rdvUpdatedAt', r.updated_at,
    'changedBy', 'both', 'fields', jsonb_build_array('time'),
    'cassius', jsonb_build_object('title', r.type, 'location', coalesce(r.location, ''), 'time', jsonb_build_object(
      'kind', 'timed', 'startsAt', r.starts_at, 'endsAt', r.ends_at, 'timeZone', e.time_zone)),
    'calendar', private.staged_content(s),
    'base', jsonb_build_object('title', e.summary, 'location', coalesce(e.location, ''), 'time', jsonb_build_object(
      'kind', 'timed', 'startsAt', e.start_at, 'endsAt', e.end_at, 'timeZone', e.time_zone))
  ))
  from private.import_staging s
  join public.external_events e on e.id = s.known_id
  join public.rdv r on r.id = e.cassius_appointment_id
  where s.run_id = p_run.id and s.action = 'update' and not r.id = any (p_untouched) and s.visibility <> 'private'
    and (s.start_at, s.end_at, coalesce(s.location, ''))
      is distinct from (r.starts_at, r.ends_at, coalesce(r.location, ''));
$$;
comment on function private.ask_about_edited(private.import_runs, uuid[]) is
  'An appointment made of an event and edited here no longer follows it silently: a person is asked. p_untouched: '
  'those that were not edited here.';

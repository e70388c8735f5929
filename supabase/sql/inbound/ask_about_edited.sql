create or replace function private.ask_about_edited(p_run private.import_runs, p_untouched uuid[]) returns void
language sql security definer set search_path = ''
as $$
  select private.open_conflict(p_run.integration_id, 'event', r.id, s.event_id,
    'changed_both_sides', jsonb_build_object(
    'calendarId', p_run.calendar_id, 'eventId', s.event_id, 'etag', s.etag, 'rdvUpdatedAt', r.updated_at,
    'changedBy', case when r.id = any (p_untouched) then 'calendar' else 'both' end,
    'fields', jsonb_build_array('time'),
    'cassius', jsonb_build_object('title', r.type, 'location', coalesce(r.location, ''), 'time', jsonb_build_object(
      'kind', 'timed', 'startsAt', r.starts_at, 'endsAt', r.ends_at, 'timeZone', e.time_zone)),
    'calendar', private.staged_content(s),
    'base', jsonb_build_object(
      'title', e.summary, 'location', coalesce(e.location, ''), 'time', private.event_time(e))
  ))
  from private.import_staging s
  join public.external_events e on e.id = s.known_id
  join public.rdv r on r.id = e.cassius_appointment_id
  where s.run_id = p_run.id and s.action = 'update' and s.visibility <> 'private'
    and case
      when r.id = any (p_untouched) then (s.all_day or s.end_at = s.start_at) and (private.is_bookable(e) or exists (
        select 1 from public.sync_conflicts k
        where k.integration_id = p_run.integration_id and k.internal_id = r.id and k.entity_type = 'event'
          and k.reason = 'changed_both_sides' and k.status = 'open'
      ))
      else (s.start_at, s.end_at, coalesce(s.location, ''))
        is distinct from (r.starts_at, r.ends_at, coalesce(r.location, ''))
    end;
$$;
comment on function private.ask_about_edited(private.import_runs, uuid[]) is
  'An appointment made of an event and edited here no longer follows it silently: a person is asked, and so where '
  'its event is at no time any more that an appointment can be at; a question that is open shows the present. '
  'p_untouched: those that were not edited here.';

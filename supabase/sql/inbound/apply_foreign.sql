create or replace function private.apply_foreign(
  c private.calendar_cursors, i public.calendar_integrations, p_known_changed boolean, p_as_rdv boolean, p_practitioner uuid
) returns void
language plpgsql security definer set search_path = ''
as $$
declare
  v_now timestamptz := private.clock();
  v_untouched uuid[];
begin
  if p_known_changed then
    -- An appointment that somebody edited here no longer follows its event silently.
    select coalesce(array_agg(r.id), '{}') into v_untouched
    from private.import_staging s
    join public.external_events e on e.id = s.known_id
    join public.rdv r on r.id = e.cassius_appointment_id
    where s.run_id = c.run_id and s.action = 'update' and r.starts_at = e.start_at and r.ends_at = e.end_at
      -- Of a cancelled event no text is kept that could be compared.
      and (e.status = 'cancelled'
        or coalesce(r.location, '') = coalesce(e.location, '') and r.type = private.imported_type(e.summary));
    perform private.open_conflict(
      c.integration_id, 'event', r.id, s.event_id, 'changed_both_sides',
      jsonb_build_object(
        'calendarId', c.calendar_id, 'eventId', s.event_id, 'etag', s.etag, 'rdvUpdatedAt', r.updated_at, 'changedBy', 'both',
        'fields', jsonb_build_array('time'),
        'cassius', jsonb_build_object('title', r.type, 'location', coalesce(r.location, ''), 'time', jsonb_build_object(
          'kind', 'timed', 'startsAt', r.starts_at, 'endsAt', r.ends_at, 'timeZone', e.time_zone)),
        'calendar', private.staged_content(s), 'base', jsonb_build_object('title', e.summary, 'location', coalesce(e.location, ''),
          'time', jsonb_build_object('kind', 'timed', 'startsAt', e.start_at, 'endsAt', e.end_at, 'timeZone', e.time_zone))
      ))
    from private.import_staging s
    join public.external_events e on e.id = s.known_id
    join public.rdv r on r.id = e.cassius_appointment_id
    where s.run_id = c.run_id and s.action = 'update' and not r.id = any (v_untouched) and s.visibility <> 'private'
      and (s.start_at, s.end_at, coalesce(s.location, '')) is distinct from (r.starts_at, r.ends_at, coalesce(r.location, ''));
  end if;

  insert into public.external_events as e (
    organisation_id, integration_id, user_id, provider, external_calendar_id, external_event_id, etag, status, kind, summary, description,
    location, start_at, end_at, all_day, start_day, end_day, time_zone, attendees, html_link, own_response, visibility, availability,
    series_id, updated_at_provider, last_synced_at
  )
  select c.organisation_id, c.integration_id, i.user_id, c.provider, c.calendar_id, s.event_id, s.etag, s.status, s.kind,
    case when s.visibility <> 'private' then s.title end, case when s.visibility <> 'private' then nullif(s.description, '') end,
    case when s.visibility <> 'private' then nullif(s.location, '') end, s.start_at, s.end_at, s.all_day, s.start_day, s.end_day, s.time_zone,
    case when s.visibility <> 'private' then s.attendees else '[]'::jsonb end, s.url, s.own_response, s.visibility, s.availability,
    s.series_id, s.updated_at, v_now
  from private.import_staging s
  where s.run_id = c.run_id and s.action in ('create', 'update')
  on conflict (organisation_id, external_calendar_id, external_event_id) do update set
    integration_id = excluded.integration_id, user_id = excluded.user_id, etag = excluded.etag, status = excluded.status, kind = excluded.kind,
    summary = excluded.summary, description = excluded.description, location = excluded.location, start_at = excluded.start_at,
    end_at = excluded.end_at, all_day = excluded.all_day, start_day = excluded.start_day, end_day = excluded.end_day,
    time_zone = excluded.time_zone, attendees = excluded.attendees, html_link = excluded.html_link, own_response = excluded.own_response,
    visibility = excluded.visibility, availability = excluded.availability, series_id = excluded.series_id,
    updated_at_provider = excluded.updated_at_provider, last_synced_at = excluded.last_synced_at, detached_at = null, updated_at = now();
  if p_known_changed then
    update public.external_events e set
      status = 'cancelled', etag = coalesce(nullif(s.etag, ''), e.etag), own_response = coalesce(s.own_response, e.own_response),
      last_synced_at = v_now, updated_at = now()
    from private.import_staging s
    where s.run_id = c.run_id and s.action = 'cancel' and e.id = s.known_id;

    update public.rdv r set starts_at = e.start_at, ends_at = e.end_at, location = e.location, type = private.imported_type(e.summary)
    from private.import_staging s
    join public.external_events e on e.id = s.known_id
    where s.run_id = c.run_id and s.action = 'update' and r.id = e.cassius_appointment_id and r.id = any (v_untouched) and not e.all_day;
    update public.rdv r set status = case when e.status = 'cancelled' then 'cancelled' else 'scheduled' end
    from private.import_staging s
    join public.external_events e on e.id = s.known_id
    where s.run_id = c.run_id and s.action in ('update', 'cancel') and r.id = e.cassius_appointment_id
      and (e.status = 'cancelled' and r.status in ('scheduled', 'confirmed') or e.status <> 'cancelled' and r.status = 'cancelled' and r.id = any (v_untouched));
  end if;
  if p_as_rdv then
    -- The appointment takes the id of its event's row: one event can never become two appointments.
    insert into public.rdv (id, organisation_id, practitioner_id, type, notes, location, starts_at, ends_at, status, source)
    select e.id, e.organisation_id, p_practitioner, private.imported_type(e.summary), e.description, e.location, e.start_at, e.end_at, 'scheduled', e.provider
    from public.external_events e
    where e.integration_id = c.integration_id and e.external_calendar_id = c.calendar_id and e.status <> 'cancelled' and not e.all_day
      and e.became_rdv_at is null and e.detached_at is null and e.end_at > e.start_at
      and tstzrange(e.start_at, e.end_at) && tstzrange(c.run_from, c.run_to)
    on conflict (id) do nothing;
    update public.external_events e set became_rdv_at = v_now, cassius_appointment_id = e.id, updated_at = now()
    where e.integration_id = c.integration_id and e.external_calendar_id = c.calendar_id and e.status <> 'cancelled' and not e.all_day
      and e.became_rdv_at is null and e.detached_at is null and e.end_at > e.start_at
      and tstzrange(e.start_at, e.end_at) && tstzrange(c.run_from, c.run_to);
  end if;
end
$$;
comment on function private.apply_foreign(private.calendar_cursors, public.calendar_integrations, boolean, boolean, uuid) is 'Writes what was decided about events of others, and the appointments that are made of them. p_known_changed: some were known before.';

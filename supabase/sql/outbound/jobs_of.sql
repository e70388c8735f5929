create or replace function private.jobs_of(p_integration uuid, p_rdvs uuid[])
returns table (rdv_id uuid, next_attempt_at timestamptz, job jsonb)
language plpgsql stable security definer set search_path = ''
as $$
begin
  return query
  select x.id, o.next_attempt_at, jsonb_build_object(
    'rdvId', x.id, 'version', coalesce(o.version, 0), 'attempts', coalesce(o.attempts, 0),
    'lastErrorCode', o.last_error_code,
    'request', coalesce(o.request, 'change'),
    'laneWorkedSince', coalesce(n.last_success_at > o.first_failed_at, false),
    -- Cut far above what an event shows of them, so that no text makes a claim large or slow.
    'rdv', case when r.id is not null and s.erase_since is null then jsonb_build_object(
      'source', r.source, 'status', r.status, 'type', left(r.type, 1000), 'act', left(r.act, 1000),
      'notes', left(r.notes, 10000), 'location', left(r.location, 1000),
      'startsAt', r.starts_at, 'endsAt', r.ends_at,
      'practitionerUserId', m.user_id, 'practitionerName', left(m.display_name, 500),
      'patient', case when p.id is not null then jsonb_build_object(
        'firstName', left(p.first_name, 500), 'lastName', left(p.last_name, 500)
      ) end
    ) end,
    'link', case when s.state is not null then jsonb_build_object(
      'calendarId', l.external_calendar_id, 'targetCalendarId', s.target_calendar_id, 'eventId', l.external_event_id,
      'epoch', l.epoch, 'etag', l.etag, 'state', s.state, -- planted: forgotten_answer
      'pushed', s.pushed, 'base', s.base, 'place', s.place, 'sent', to_jsonb(s.sent)
    ) end,
    'ending', (
      select jsonb_build_object('calendarId', f.calendar_id, 'eventId', f.event_id, 'etag', f.etag)
      from private.former_events f
      where f.integration_id = p_integration and f.rdv_id = x.id and f.ends_since is not null
      order by f.ends_since, f.event_id limit 1
    )
  )
  from unnest(p_rdvs) as x (id)
  join public.calendar_integrations i on i.id = p_integration
  left join private.sync_lanes n on n.integration_id = i.id
  -- Each by its whole key, whatever the planner takes a queue to hold.
  left join lateral (
    select q.* from private.sync_outbox q where q.integration_id = p_integration and q.rdv_id = x.id offset 0
  ) o on true
  left join public.rdv r on r.id = x.id and r.organisation_id = i.organisation_id
  left join public.organisation_members m on m.organisation_id = r.organisation_id and m.id = r.practitioner_id
  left join public.patients p on p.organisation_id = r.organisation_id and p.id = r.patient_id
  left join lateral (
    select k.* from public.appointment_external_links k
    where k.rdv_id = x.id and k.integration_id is not distinct from p_integration
    offset 0
  ) l on true
  left join lateral (select k.* from private.link_states k where k.link_id = l.id offset 0) s on true;
end
$$;
comment on function private.jobs_of(uuid, uuid[]) is
  'These appointments as a worker gets them (Job of the domain), with the rows as they are now, queued or not. An '
  'event to be erased has no appointment any more.';

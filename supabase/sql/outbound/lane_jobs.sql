create or replace function private.lane_jobs(
  p_integration uuid, p_max_jobs integer, p_max_bytes integer, p_rdv uuid default null
) returns jsonb
language sql stable security definer set search_path = ''
as $$
  select coalesce(jsonb_agg(k.job order by k.next_attempt_at, k.rdv_id), '[]'::jsonb)
  from (
    select j.*, sum(pg_column_size(j.job)) over (order by j.next_attempt_at, j.rdv_id) - pg_column_size(j.job) as before
    from (
      select o.next_attempt_at, o.rdv_id, jsonb_build_object(
        'rdvId', o.rdv_id, 'version', o.version, 'attempts', o.attempts, 'request', o.request,
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
          'calendarId', l.external_calendar_id, 'eventId', l.external_event_id, 'epoch', l.epoch, 'etag', l.etag,
          'state', s.state, -- planted: forgotten_answer
          'pushed', s.pushed, 'base', s.base
        ) end
      ) as job
      from (
        select q.* from private.sync_outbox q
        where q.integration_id = p_integration and q.parked_at is null
          and q.next_attempt_at <= (select private.clock()) and (p_rdv is null or q.rdv_id = p_rdv)
          and (
            (select private.writes_events(i) from public.calendar_integrations i where i.id = p_integration)
            or exists (
              select from public.appointment_external_links k
              join private.link_states e on e.link_id = k.id and e.erase_since is not null
              where k.integration_id = q.integration_id and k.rdv_id = q.rdv_id
            )
          )
        order by q.next_attempt_at
        limit p_max_jobs
      ) o
      join private.sync_lanes n on n.integration_id = o.integration_id
      left join public.rdv r on r.id = o.rdv_id and r.organisation_id = o.organisation_id
      left join public.organisation_members m on m.organisation_id = r.organisation_id and m.id = r.practitioner_id
      left join public.patients p on p.organisation_id = r.organisation_id and p.id = r.patient_id
      left join public.appointment_external_links l on l.integration_id = o.integration_id and l.rdv_id = o.rdv_id
      left join private.link_states s on s.link_id = l.id
    ) j
  ) k
  where k.before < p_max_bytes;
$$;
comment on function private.lane_jobs(uuid, integer, integer, uuid) is
  'The due work of a lane (of one appointment: p_rdv), oldest first, with the rows as they are now; so many bytes of '
  'it, one job at least: [{Job of the domain}]. An event to be erased has no appointment any more.';

create or replace function public.read_feed(p_secret_hash text) returns jsonb
language plpgsql stable security definer set search_path = '' set statement_timeout = '8s'
as $$
declare
  v_now constant timestamptz := private.clock();
begin
  return (
    select jsonb_build_object(
      'eventDetail', f.event_detail,
      'organisation', jsonb_build_object(
        'timezone', o.timezone, 'titleTemplate', o.event_title_template, 'language', o.event_language,
        'defaultDurationMinutes', o.default_duration_minutes
      ),
      'appointments', coalesce((
        select jsonb_agg(jsonb_build_object(
          'id', r.id, 'changedAt', greatest(r.updated_at, p.updated_at, m.updated_at, o.updated_at, f.updated_at),
          'rdv', jsonb_build_object(
            'source', r.source, 'status', r.status, 'type', r.type, 'act', r.act, 'notes', left(r.notes, 2000),
            'location', r.location, 'startsAt', r.starts_at, 'endsAt', r.ends_at,
            'practitionerUserId', m.user_id, 'practitionerName', m.display_name,
            'patient', case when p.id is not null then jsonb_build_object(
              'firstName', p.first_name, 'lastName', p.last_name
            ) end
          )
        ) order by r.starts_at, r.id)
        from (
          select x.* from public.rdv x
          where x.organisation_id = f.organisation_id and x.practitioner_id = f.member_id and x.status <> 'cancelled'
            and x.starts_at >= v_now - interval '14 days' and x.starts_at < v_now + interval '180 days'
          order by x.starts_at, x.id
          limit 5000
        ) r
        left join public.patients p on p.organisation_id = r.organisation_id and p.id = r.patient_id
      ), '[]'::jsonb)
    )
    from public.calendar_feeds f
    join public.organisation_members m
      on m.organisation_id = f.organisation_id and m.id = f.member_id and m.user_id = f.user_id
    join public.organisations o on o.id = f.organisation_id
    where f.secret_hash = p_secret_hash
  );
end
$$;
comment on function public.read_feed(text) is
  'Service only: what a subscription address shows, from two weeks ago to 180 days ahead and 5,000 appointments at '
  'most: {eventDetail, organisation, appointments: [{id, changedAt, rdv}]}, rdv being Appointment of the domain. Null '
  'for an address that was never made, or has ended.';
grant execute on function public.read_feed(text) to service_role;

create or replace function private.overlap_payload(p_conflict public.sync_conflicts) returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
begin
  return (
  with standing as (
    select * from private.standing_overlaps(p_conflict)
  ), appointment as (
    select distinct s.rdv_id, s.rdv_period from standing s
  ), facts as (
    select
      (select count(*) from appointment) as appointments,
      count(distinct s.event_row) as events,
      md5(string_agg(concat(s.rdv_id, s.event_row, private.overlap_key(s.rdv_period, s.event_period)), ','
        order by s.rdv_id, s.event_row)) as fingerprint
    from standing s
  )
  select jsonb_build_object(
    'calendarId', p_conflict.payload ->> 'calendarId', 'eventId', p_conflict.external_id, 'fingerprint', f.fingerprint,
    'count', f.appointments, 'events', f.events, 'fields', jsonb_build_array('time'), 'changedBy', 'calendar',
    'base', null,
    -- Ids and times alone: what they are called is read where it is allowed.
    'appointments', (
      select coalesce(jsonb_agg(jsonb_build_object(
        'rdvId', q.rdv_id, 'startsAt', lower(q.rdv_period), 'endsAt', upper(q.rdv_period)
      ) order by q.rdv_period, q.rdv_id), '[]'::jsonb)
      from (select * from appointment a order by a.rdv_period, a.rdv_id limit 50) q
    )
  ) || coalesce((
    select jsonb_build_object('rdvUpdatedAt', r.updated_at, 'cassius', jsonb_build_object(
      'title', r.type, 'location', coalesce(r.location, ''), 'time', jsonb_build_object(
        'kind', 'timed', 'startsAt', r.starts_at, 'endsAt', upper(a.rdv_period), 'timeZone', g.timezone)))
    from appointment a
    join public.rdv r on r.id = a.rdv_id
    join public.organisations g on g.id = r.organisation_id
    where f.appointments = 1
  ), '{}'::jsonb) || coalesce((
    select jsonb_build_object('etag', e.etag, 'calendar', jsonb_build_object(
      'title', e.summary, 'location', coalesce(e.location, ''),
      'time', case
        when e.all_day then jsonb_build_object('kind', 'all_day', 'startDay', e.start_day, 'endDay', e.end_day)
        else jsonb_build_object('kind', 'timed', 'startsAt', e.start_at, 'endsAt', e.end_at, 'timeZone', e.time_zone)
      end))
    from public.external_events e
    where f.events = 1 and e.id = (select s.event_row from standing s limit 1)
  ), '{}'::jsonb)
  from facts f
  );
end
$$;
comment on function private.overlap_payload(public.sync_conflicts) is
  'A question about overlaps as it is now: both sides where each is one, else the number of each and the first '
  'fifty appointments ({rdvId, startsAt, endsAt}). fingerprint: moves when one of them does.';

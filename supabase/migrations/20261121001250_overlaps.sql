-- Overlaps: one question for each event of others that stands across appointments, and one for all beyond fifty.

create table private.overlap_pairs (
  conflict_id uuid not null references public.sync_conflicts (id) on delete cascade,
  event_id text not null,
  rdv_id uuid not null,
  key text not null,
  primary key (conflict_id, event_id, rdv_id)
);
comment on table private.overlap_pairs is
  'Which appointments and events a question about overlaps is about. key: their times when it was asked; what was asked '
  'about these very times is not asked again, for as long as the question is kept.';
create index overlap_pairs_rdv on private.overlap_pairs (rdv_id, event_id);
alter table private.overlap_pairs enable row level security;

create function private.overlap_key(p_appointment tstzrange, p_event tstzrange) returns text
language sql immutable set search_path = ''
as $$
  select md5(concat_ws(' ', extract(epoch from lower(p_appointment)), extract(epoch from upper(p_appointment)),
    extract(epoch from lower(p_event)), extract(epoch from upper(p_event))));
$$;
comment on function private.overlap_key(tstzrange, tstzrange) is 'Names the times of an appointment and an event, in whichever zone they are written.';

create function private.new_overlaps(c private.calendar_cursors, i public.calendar_integrations, p_practitioner uuid)
returns table (event_id text, rdv_id uuid, key text, title text, start_at timestamptz, end_at timestamptz)
language sql stable security definer set search_path = ''
as $$
  with pair as (
    select r.id as rdv_id, s.event_id, case when s.visibility <> 'private' then s.title end as title, s.start_at, s.end_at,
      private.overlap_key(private.period(r.starts_at, r.ends_at), private.period(s.start_at, s.end_at)) as key
    from private.import_staging s
    join public.rdv r on r.practitioner_id = p_practitioner and r.status in ('scheduled', 'confirmed') and r.starts_at is not null
      and tstzrange(r.starts_at, greatest(r.starts_at, coalesce(r.ends_at, r.starts_at)), '[]')
        && tstzrange(s.start_at - interval '30 minutes', greatest(s.start_at, s.end_at))
      and r.starts_at < s.end_at and coalesce(r.ends_at, r.starts_at + interval '30 minutes') > s.start_at
      and (r.ends_at is null or r.ends_at > r.starts_at)
    where s.run_id = c.run_id and s.action in ('create', 'update') and s.availability = 'busy'
      and r.source = 'cassius' and r.organisation_id = c.organisation_id
    union all
    select r.id, e.external_event_id, case when e.visibility <> 'private' then e.summary end, e.start_at, e.end_at,
      private.overlap_key(private.period(r.starts_at, r.ends_at), private.period(e.start_at, e.end_at))
    from public.rdv r
    join public.external_events e on e.integration_id = c.integration_id and e.external_calendar_id = c.calendar_id
      and e.status <> 'cancelled' and e.availability = 'busy'
      and tstzrange(e.start_at, e.end_at)
        && tstzrange(r.starts_at, case when r.ends_at is null then r.starts_at + interval '30 minutes' else greatest(r.starts_at, r.ends_at) end)
    where r.practitioner_id = p_practitioner and r.organisation_id = c.organisation_id and r.source = 'cassius'
      and r.status in ('scheduled', 'confirmed') and r.starts_at >= c.run_from - interval '1 day' and r.starts_at < c.run_to
      and r.updated_at > coalesce(c.checked_at, '-infinity')
      and not exists (
        select 1 from private.import_staging s
        where s.run_id = c.run_id and s.event_id = e.external_event_id and s.action in ('create', 'update', 'cancel')
      )
  )
  select p.event_id, p.rdv_id, p.key, p.title, p.start_at, p.end_at
  from pair p
  where not exists (
    select 1 from private.overlap_pairs a
    join public.sync_conflicts k on k.id = a.conflict_id
    where a.rdv_id = p.rdv_id and a.event_id = p.event_id and a.key = p.key
      and k.integration_id = c.integration_id and k.payload ->> 'calendarId' = c.calendar_id
  )
  -- What is beyond this is told by the number of what is asked about: nobody reads ten thousand lines.
  limit 10000;
$$;
comment on function private.new_overlaps(private.calendar_cursors, public.calendar_integrations, uuid) is
  'Appointments that events of this run, or events known before, now stand across; nothing that was asked before.';

create function private.overlap_questions(c private.calendar_cursors, i public.calendar_integrations, p_practitioner uuid)
returns jsonb
language sql stable security definer set search_path = ''
as $$
  select coalesce(jsonb_agg(q.one order by q.start_at, q.event_id), '[]'::jsonb)
  from (
    select o.event_id, min(o.start_at) as start_at, jsonb_build_object(
      'eventId', o.event_id, 'rdvId', case when count(*) = 1 then min(o.rdv_id::text) end, 'count', count(*),
      'title', min(o.title), 'start', min(o.start_at), 'end', max(o.end_at),
      'pairs', jsonb_agg(jsonb_build_object('rdvId', o.rdv_id, 'key', o.key))
    ) as one
    from private.new_overlaps(c, i, p_practitioner) o
    group by o.event_id
  ) q;
$$;
comment on function private.overlap_questions(private.calendar_cursors, public.calendar_integrations, uuid) is
  'What is to be asked, by event: [{eventId, rdvId (of a single one), count, title, start, end, pairs: [{rdvId, key}]}].';

create function private.standing_overlaps(k public.sync_conflicts)
returns table (rdv_id uuid, practitioner_id uuid, rdv_period tstzrange, event_row uuid, event_period tstzrange)
language sql stable security definer set search_path = ''
as $$
  select r.id, r.practitioner_id, private.period(r.starts_at, r.ends_at), e.id, private.period(e.start_at, e.end_at)
  from private.overlap_pairs p
  join public.rdv r on r.id = p.rdv_id and r.organisation_id = k.organisation_id and r.status in ('scheduled', 'confirmed')
  join public.external_events e on e.organisation_id = k.organisation_id and e.external_calendar_id = k.payload ->> 'calendarId'
    and e.external_event_id = p.event_id and e.status <> 'cancelled' and e.availability = 'busy'
  where p.conflict_id = k.id and private.period(r.starts_at, r.ends_at) && private.period(e.start_at, e.end_at);
$$;
comment on function private.standing_overlaps(public.sync_conflicts) is 'What a question is still about.';

create function private.overlap_payload(k public.sync_conflicts) returns jsonb
language sql stable security definer set search_path = ''
as $$
  with standing as (
    select * from private.standing_overlaps(k)
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
    'calendarId', k.payload ->> 'calendarId', 'eventId', k.external_id, 'fingerprint', f.fingerprint,
    'count', f.appointments, 'events', f.events, 'fields', jsonb_build_array('time'), 'changedBy', 'calendar', 'base', null,
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
  from facts f;
$$;
comment on function private.overlap_payload(public.sync_conflicts) is
  'A question about overlaps as it stands now: both sides where each is one, else the number of each and the first fifty '
  'appointments ({rdvId, startsAt, endsAt}). fingerprint: moves when one of them does.';

create function private.show_overlaps(p_conflicts uuid[]) returns void
language sql security definer set search_path = ''
as $$
  update public.sync_conflicts k set
    payload = n.payload,
    internal_id = case when n.payload -> 'count' = '1' then (n.payload #>> '{appointments,0,rdvId}')::uuid end
  from (
    select x.id, private.overlap_payload(x) as payload from public.sync_conflicts x where x.id = any (p_conflicts)
  ) n
  where k.id = n.id and k.payload is distinct from n.payload;
$$;
comment on function private.show_overlaps(uuid[]) is 'Brings questions about overlaps to the present.';

create function private.ask_overlaps(c private.calendar_cursors, i public.calendar_integrations, p_questions jsonb)
returns uuid[]
language plpgsql security definer set search_path = ''
as $$
declare
  v_all constant boolean := jsonb_array_length(p_questions) > 50;
  v_asked uuid[];
begin
  insert into public.sync_conflicts (organisation_id, user_id, integration_id, source, entity_type, external_id, reason, payload)
  select distinct c.organisation_id, i.user_id, c.integration_id, c.provider, 'event', case when not v_all then q ->> 'eventId' end,
    'time_overlap', jsonb_build_object('calendarId', c.calendar_id)
  from jsonb_array_elements(p_questions) q
  on conflict (integration_id, (payload ->> 'calendarId'), (coalesce(external_id, '')))
    where status = 'open' and reason = 'time_overlap' do nothing;
  with asked as (
    insert into private.overlap_pairs as p (conflict_id, event_id, rdv_id, key)
    select k.id, q ->> 'eventId', (o ->> 'rdvId')::uuid, o ->> 'key'
    from jsonb_array_elements(p_questions) q
    cross join lateral jsonb_array_elements(q -> 'pairs') o
    join public.sync_conflicts k on k.integration_id = c.integration_id and k.status = 'open' and k.reason = 'time_overlap'
      and k.payload ->> 'calendarId' = c.calendar_id
      and coalesce(k.external_id, '') = case when v_all then '' else q ->> 'eventId' end
    on conflict (conflict_id, event_id, rdv_id) do update set key = excluded.key
    returning p.conflict_id
  )
  select coalesce(array_agg(distinct a.conflict_id), '{}') into v_asked from asked a;
  perform private.show_overlaps(v_asked);
  return v_asked;
end
$$;
comment on function private.ask_overlaps(private.calendar_cursors, public.calendar_integrations, jsonb) is
  'Asks what overlap_questions found: in the open question about the event, or in one about all of them where there are more '
  'than fifty events. Gives the questions.';

create function private.review_overlaps(c private.calendar_cursors) returns void
language plpgsql security definer set search_path = ''
as $$
begin
  perform private.show_overlaps(array(
    select distinct k.id
    from public.sync_conflicts k
    join private.overlap_pairs p on p.conflict_id = k.id
    left join public.rdv r on r.id = p.rdv_id
    left join private.import_staging s on s.run_id = c.run_id and s.event_id = p.event_id and s.action in ('create', 'update', 'cancel')
    where k.integration_id = c.integration_id and k.reason = 'time_overlap' and k.status = 'open'
      and k.payload ->> 'calendarId' = c.calendar_id
      and (s.event_id is not null or r.id is null or r.updated_at > coalesce(c.checked_at, '-infinity'))
  ));
  update public.sync_conflicts k set status = 'resolved', resolution = 'vanished', resolved_at = private.clock()
  where k.integration_id = c.integration_id and k.reason = 'time_overlap' and k.status = 'open'
    and k.payload ->> 'calendarId' = c.calendar_id and k.payload -> 'count' = '0';
end
$$;
comment on function private.review_overlaps(private.calendar_cursors) is
  'After a reading: open questions of which a side has changed show the present, and those without any overlap left are over.';

create function private.decide_overlap(k public.sync_conflicts, p_action text) returns boolean
language plpgsql security definer set search_path = ''
as $$
declare
  v_now constant timestamptz := private.clock();
  v_events uuid[];
begin
  perform 1 from public.external_events e
  where e.id in (select s.event_row from private.standing_overlaps(k) s) order by e.id for update;
  if private.overlap_payload(k) ->> 'fingerprint' is distinct from k.payload ->> 'fingerprint' then
    perform private.show_overlaps(array[k.id]);
    update public.sync_conflicts x set status = 'resolved', resolution = 'vanished', resolved_at = v_now
    where x.id = k.id and x.payload -> 'count' = '0';
    return false;
  end if;
  if p_action = 'keep_calendar' then
    update public.rdv x set status = 'cancelled' where x.id in (select s.rdv_id from private.standing_overlaps(k) s);
  elsif p_action = 'duplicate' then
    v_events := array(select distinct s.event_row from private.standing_overlaps(k) s);
    insert into public.rdv (id, organisation_id, practitioner_id, type, notes, location, starts_at, ends_at, status, source)
    select e.id, e.organisation_id, m.id, private.imported_type(e.summary), e.description, e.location, e.start_at, e.end_at,
      'scheduled', e.provider
    from public.external_events e
    join public.organisation_members m on m.organisation_id = e.organisation_id and m.user_id = e.user_id
    where e.id = any (v_events)
    on conflict (id) do nothing;
    update public.external_events x set cassius_appointment_id = x.id, became_rdv_at = coalesce(x.became_rdv_at, v_now)
    where x.id = any (v_events);
  end if;
  return true;
end
$$;
comment on function private.decide_overlap(public.sync_conflicts, text) is
  'Carries a decision out for everything that the question is about; false where something of it has moved since, and then '
  'the question shows the present.';

revoke execute on function
  private.overlap_key(tstzrange, tstzrange),
  private.new_overlaps(private.calendar_cursors, public.calendar_integrations, uuid),
  private.overlap_questions(private.calendar_cursors, public.calendar_integrations, uuid),
  private.standing_overlaps(public.sync_conflicts), private.overlap_payload(public.sync_conflicts),
  private.show_overlaps(uuid[]), private.ask_overlaps(private.calendar_cursors, public.calendar_integrations, jsonb),
  private.review_overlaps(private.calendar_cursors), private.decide_overlap(public.sync_conflicts, text)
from public, anon, authenticated, service_role;

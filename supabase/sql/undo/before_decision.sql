create or replace function private.before_decision(p_question public.sync_conflicts, p_link uuid)
returns private.decisions
language plpgsql stable security definer set search_path = ''
as $$
declare
  v_before private.decisions;
  v_rdvs uuid[] := array[p_question.internal_id, p_question.id];
  v_events uuid[];
begin
  v_before.conflict_id := p_question.id;
  v_before.decided_at := private.clock();
  v_before.payload := p_question.payload;
  if p_question.reason = 'time_overlap' then
    select array_agg(distinct s.event_row), v_rdvs || array_agg(distinct s.rdv_id) || array_agg(distinct s.event_row)
      into v_events, v_rdvs
    from private.standing_overlaps(p_question) s;
  elsif p_question.entity_type = 'event' then
    select array_agg(e.id) into v_events from public.external_events e
    where e.organisation_id = p_question.organisation_id
      and e.external_calendar_id = p_question.payload ->> 'calendarId' and e.external_event_id = p_question.external_id;
  end if;
  select jsonb_build_object(
    'calendarId', l.external_calendar_id, 'eventId', l.external_event_id, 'epoch', l.epoch, 'etag', l.etag,
    'state', s.state, 'pushed', s.pushed, 'base', s.base
  ) into v_before.link
  from public.appointment_external_links l join private.link_states s on s.link_id = l.id
  where l.id = p_link;
  select jsonb_build_object('etag', f.etag) into v_before.former
  from private.former_events f
  where p_question.reason = 'restored' and f.integration_id = p_question.integration_id
    and f.calendar_id = p_question.payload ->> 'calendarId' and f.event_id = p_question.external_id;
  select coalesce(jsonb_agg(jsonb_build_object('id', x.id, 'before', case
    when r.id is null then null
    when p_question.reason = 'time_overlap' then jsonb_build_object('status', r.status)
    else jsonb_build_object('status', r.status, 'starts_at', r.starts_at, 'ends_at', r.ends_at, 'type', r.type,
      'location', r.location)
  end)), '[]'::jsonb) into v_before.appointments
  from (select distinct u.id from unnest(v_rdvs) u (id) where u.id is not null) x
  left join public.rdv r on r.id = x.id and r.organisation_id = p_question.organisation_id;
  select coalesce(jsonb_agg(jsonb_build_object('id', e.id, 'before', jsonb_build_object(
    'cassius_appointment_id', e.cassius_appointment_id, 'became_rdv_at', e.became_rdv_at,
    'timed_before', e.timed_before
  ))), '[]'::jsonb) into v_before.events
  from public.external_events e where e.id = any (v_events);
  return v_before;
end
$$;
comment on function private.before_decision(public.sync_conflicts, uuid) is
  'Both sides of a question as they are before a decision about it is carried out: the row of private.decisions to be.';

create or replace function private.standing_overlaps(p_question public.sync_conflicts)
returns table (rdv_id uuid, practitioner_id uuid, rdv_period tstzrange, event_row uuid, event_period tstzrange)
language plpgsql stable security definer set search_path = ''
as $$
begin
  return query
  select r.id, r.practitioner_id, private.period(r.starts_at, r.ends_at, u.usual), e.id,
    private.period(e.start_at, e.end_at, u.usual)
  from private.overlap_pairs p
  cross join (select private.usual_length(p_question.organisation_id) as usual) u
  join public.rdv r on r.id = p.rdv_id and r.organisation_id = p_question.organisation_id
    and r.status in ('scheduled', 'confirmed')
  join public.external_events e on e.organisation_id = p_question.organisation_id
    and e.external_calendar_id = p_question.payload ->> 'calendarId' and e.external_event_id = p.event_id
    and e.status <> 'cancelled' and e.availability = 'busy'
  where p.conflict_id = p_question.id
    and private.period(r.starts_at, r.ends_at, u.usual) && private.period(e.start_at, e.end_at, u.usual);
end
$$;
comment on function private.standing_overlaps(public.sync_conflicts) is 'What a question is still about.';

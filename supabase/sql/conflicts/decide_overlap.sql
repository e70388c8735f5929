create or replace function private.decide_overlap(p_question public.sync_conflicts, p_action text) returns boolean
language plpgsql security definer set search_path = ''
as $$
declare
  v_now constant timestamptz := private.clock();
begin
  perform 1 from public.external_events e
  where e.id in (select s.event_row from private.standing_overlaps(p_question) s) order by e.id for update;
  if private.overlap_payload(p_question) ->> 'fingerprint' is distinct from p_question.payload ->> 'fingerprint' then
    perform private.show_overlaps(array[p_question.id]);
    update public.sync_conflicts x set status = 'resolved', resolution = 'vanished', resolved_at = v_now
    where x.id = p_question.id and x.payload -> 'count' = '0';
    return false;
  end if;
  if p_action = 'keep_calendar' then
    update public.rdv x set status = 'cancelled'
    where x.id in (select s.rdv_id from private.standing_overlaps(p_question) s);
  elsif p_action = 'duplicate' then
    perform private.book_events(array(select distinct s.event_row from private.standing_overlaps(p_question) s));
  end if;
  return true;
end
$$;
comment on function private.decide_overlap(public.sync_conflicts, text) is
  'Carries a decision out for everything that the question is about; false where something of it has moved since, and '
  'then the question shows the present.';

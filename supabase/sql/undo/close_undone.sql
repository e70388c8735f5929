create or replace function private.close_undone(
  p_integration uuid, p_calendar text, p_events text[], p_removed uuid[]
) returns void
language plpgsql security definer set search_path = ''
as $$
declare
  v_questions uuid[] := array(
    select distinct k.id from public.sync_conflicts k
    left join private.overlap_pairs p on p.conflict_id = k.id
    where k.integration_id = p_integration and k.status = 'open' and k.entity_type = 'event'
      and k.payload ->> 'calendarId' = p_calendar
      and (coalesce(p.event_id, k.external_id) = any (p_events) or k.internal_id = any (p_removed))
  );
begin
  perform private.show_overlaps(array(
    select k.id from public.sync_conflicts k where k.id = any (v_questions) and k.reason = 'time_overlap'));
  update public.sync_conflicts k set status = 'resolved', resolution = 'vanished', resolved_at = private.clock()
  where k.id = any (v_questions) and (k.reason <> 'time_overlap' or k.payload -> 'count' = '0');
end
$$;
comment on function private.close_undone(uuid, text, text[], uuid[]) is
  'Questions about events that went, or went back, with an undone import: overlaps show the present, and what is no '
  'question any more is over. p_removed: appointments that went.';

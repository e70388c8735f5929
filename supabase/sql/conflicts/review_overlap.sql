create or replace function public.review_overlap(p_conflict uuid) returns void
language plpgsql security definer set search_path = ''
as $$
declare
  v_question public.sync_conflicts;
  v_payload jsonb;
  v_over boolean;
begin
  select * into v_question from public.sync_conflicts k where k.id = p_conflict and k.reason = 'time_overlap';
  v_question := private.lock_question(v_question.organisation_id, (select auth.uid()), v_question.id);
  if v_question.id is null then
    raise exception 'CONFLICT_NOT_FOUND' using errcode = 'P0001';
  end if;
  v_payload := private.overlap_payload(v_question);
  v_over := v_payload -> 'count' = '0';
  update public.sync_conflicts k set
    payload = v_payload,
    internal_id = case when v_payload -> 'count' = '1' then (v_payload #>> '{appointments,0,rdvId}')::uuid end,
    status = case when v_over then 'resolved' else 'open' end,
    resolution = case when v_over then 'vanished' end,
    resolved_at = case when v_over then private.clock() end
  where k.id = v_question.id and k.payload is distinct from v_payload and (
    k.status = 'open' or (k.resolution = 'vanished' and not v_over and not exists (
      select from public.sync_conflicts x
      where x.integration_id = k.integration_id and x.reason = 'time_overlap' and x.status = 'open'
        and x.payload ->> 'calendarId' = k.payload ->> 'calendarId' and x.external_id is not distinct from k.external_id
    ))
  );
end
$$;
comment on function public.review_overlap(uuid) is
  'Brings a question about overlaps of the caller''s practice to the present, without waiting for the next reading: '
  'what no longer overlaps is over, and what was over because it had moved away is open again once it is back.';
grant execute on function public.review_overlap(uuid) to authenticated;

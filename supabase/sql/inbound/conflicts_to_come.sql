create or replace function private.conflicts_to_come(p_verdicts private.verdict[], p_overlaps jsonb, p_held boolean)
returns jsonb
language sql immutable set search_path = ''
as $$
  select coalesce(jsonb_agg(jsonb_build_object(
    'id', null, 'reason', q.reason, 'externalId', q.event_id, 'rdvId', q.rdv_id)), '[]'::jsonb)
  from (
    select 'mass_change' as reason, null as event_id, null as rdv_id where p_held
    union all
    select 'time_overlap', o ->> 'eventId', o ->> 'rdvId'
    from jsonb_array_elements(p_overlaps) o
    where private.overlap_count(p_overlaps) = jsonb_array_length(p_overlaps)
    union all
    select 'time_overlap', null, null
    where private.overlap_count(p_overlaps) < jsonb_array_length(p_overlaps)
    union all
    select v.reason, v.event_id, v.rdv_id::text from unnest(p_verdicts) v where v.kind = 'conflict'
  ) q;
$$;
comment on function private.conflicts_to_come(private.verdict[], jsonb, boolean) is
  'What an import would ask, for its preview: [{id: null, reason, externalId, rdvId}]. p_overlaps: '
  '{eventId, rdvId, title, start, end}[], the answer of overlap_questions.';

create or replace function private.import_items(
  p_run private.import_runs, p_verdicts private.verdict[], p_overlaps jsonb, p_held boolean, p_limit integer
) returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
begin
  if p_limit is null then
    return '[]'::jsonb;
  end if;
  return (
    select coalesce(jsonb_agg(q.item order by q.rank, q.start_at, q.event_id), '[]'::jsonb)
    from (
      select case when s.action in ('skip', 'none') then 2 else 1 end as rank, s.start_at, s.event_id,
        jsonb_build_object(
        'eventId', s.event_id, 'rdvId', null,
        'action', case
          when s.action = 'none' then 'skip' else s.action
        end,
        'reason', s.reason,
        'summary', case when s.visibility is distinct from 'private' then coalesce(s.title, e.summary) end,
        'start', coalesce(s.start_at, e.start_at), 'end', coalesce(s.end_at, e.end_at),
        'allDay', coalesce(s.all_day, e.all_day, false)
      ) as item
      from private.import_staging s
      left join public.external_events e on e.id = s.known_id
      where s.run_id = p_run.id and s.action <> 'own' and (s.action <> 'none' or private.is_passed_over(s.reason))
      union all
      select 1, v.starts_at, v.event_id, jsonb_build_object(
        'eventId', v.event_id, 'rdvId', v.rdv_id,
        'action', case when p_held and v.weight is not null then 'hold' else private.action_of(v.kind) end,
        'reason', coalesce(v.reason, v.kind::text),
        'summary', null, 'start', v.starts_at, 'end', v.ends_at, 'allDay', false)
      from unnest(p_verdicts) v where v.kind not in ('echo', 'wait')
      union all
      select 1, null, o ->> 'eventId', jsonb_build_object(
        'eventId', o ->> 'eventId', 'rdvId', o ->> 'rdvId', 'action', 'conflict', 'reason', 'time_overlap',
        'summary', o ->> 'title', 'start', o ->> 'start', 'end', o ->> 'end', 'allDay', false)
      from jsonb_array_elements(p_overlaps) o
      order by 1, 2, 3 limit p_limit
    ) q
  );
end
$$;
comment on function private.import_items(private.import_runs, private.verdict[], jsonb, boolean, integer) is
  'What a run does, item by item, for the person who asked: ImportItem[] of contract/import.ts. p_overlaps: '
  '{eventId, rdvId, title, start, end}[], the answer of overlap_questions. p_limit: how many, null: none.';

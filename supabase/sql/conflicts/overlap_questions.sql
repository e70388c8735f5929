create or replace function private.overlap_questions(p_run private.import_runs) returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
begin
  return (
    select coalesce(jsonb_agg(q.one order by q.start_at, q.event_id), '[]'::jsonb)
    from (
      select o.event_id, min(o.start_at) as start_at, jsonb_build_object(
        'eventId', o.event_id, 'rdvId', case when count(*) = 1 then min(o.rdv_id::text) end, 'count', count(*),
        'title', min(o.title), 'start', min(o.start_at), 'end', max(o.end_at),
        'pairs', jsonb_agg(jsonb_build_object('rdvId', o.rdv_id, 'key', o.key))
      ) as one
      from private.new_overlaps(p_run) o
      group by o.event_id
    ) q
  );
end
$$;
comment on function private.overlap_questions(private.import_runs) is
  'What is to be asked, by event: [{eventId, rdvId (of a single one), count, title, start, end, pairs: [{rdvId, '
  'key}]}].';

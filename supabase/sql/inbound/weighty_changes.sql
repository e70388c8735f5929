create or replace function private.weighty_changes(p_run private.import_runs)
returns table (event_id text, series_id text, action text, etag text)
language plpgsql stable security definer set search_path = ''
as $$
#variable_conflict use_column
begin
  return query
  select s.event_id, coalesce(s.series_id, e.series_id, s.event_id), s.action, s.etag
  from private.import_staging s
  left join public.external_events e on e.id = s.known_id
  where s.run_id = p_run.id and (
    s.action = 'cancel' or s.action = 'update' and (e.start_at, e.end_at) is distinct from (s.start_at, s.end_at)
  );
end
$$;
comment on function private.weighty_changes(private.import_runs) is
  'The events of others that would go or move: what too much at once is counted by, and all of it that waits for a '
  'person. series_id: what is deleted or moved once, a whole series or the event.';

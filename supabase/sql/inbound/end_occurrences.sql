create or replace function private.end_occurrences(p_run private.import_runs) returns void
language plpgsql security definer set search_path = ''
as $$
begin
  insert into private.import_staging (run_id, event_id, status, series_id)
  select p_run.id, e.external_event_id, 'cancelled', e.series_id
  from private.import_staging s
  join public.external_events e
    on e.organisation_id = p_run.organisation_id and e.external_calendar_id = p_run.calendar_id
    and e.integration_id = p_run.integration_id and e.series_id = s.event_id and e.status <> 'cancelled'
    and e.detached_at is null
  where s.run_id = p_run.id and s.series_id is null and s.has_content and not s.removed and s.status <> 'cancelled'
  on conflict (run_id, event_id) do nothing;
end
$$;
comment on function private.end_occurrences(private.import_runs) is
  'A series that came as a single event has no occurrences any more, whether or not the provider says so of each.';

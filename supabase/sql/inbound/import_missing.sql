create or replace function public.import_missing(p_worker uuid, p_run uuid) returns jsonb
language plpgsql security definer set search_path = '' set statement_timeout = '20s'
as $$
declare
  v_run private.import_runs := private.leased_run(p_worker, p_run);
begin
  if v_run.id is null then
    return jsonb_build_object('lost', true, 'missing', '[]'::jsonb);
  end if;
  -- A hint about a series is one about each of its occurrences that did not come.
  insert into private.import_staging (run_id, event_id, removed)
  select v_run.id, e.external_event_id, true
  from private.import_staging s
  join public.external_events e
    on e.organisation_id = v_run.organisation_id and e.external_calendar_id = v_run.calendar_id
    and e.integration_id = v_run.integration_id and e.series_id = s.event_id and e.status <> 'cancelled'
    and e.detached_at is null
  where s.run_id = v_run.id and s.removed
  on conflict (run_id, event_id) do nothing;
  -- Hints about what we never knew need no check.
  delete from private.import_staging s
  where s.run_id = v_run.id and s.removed
    and not exists (
      select 1 from public.external_events e
      where e.organisation_id = v_run.organisation_id and e.external_calendar_id = v_run.calendar_id
        and e.external_event_id = s.event_id and e.status <> 'cancelled'
    )
    and not exists (select 1 from private.live_links(v_run, array[s.event_id]))
    and not exists (
      select 1 from public.sync_conflicts k
      where k.integration_id = v_run.integration_id and k.external_id = s.event_id and k.reason = 'restored'
        and k.status = 'open'
    );
  -- planted: absent_is_deleted
  return jsonb_build_object(
    'lost', false,
    'missing', (
      select coalesce(
        jsonb_agg(jsonb_build_object(
          'eventId', m.event_id, 'seriesId', m.series_id, 'ours', m.ours, 'hinted', m.hinted, 'young', m.young,
          'missed', m.missed
        ) order by m.event_id), '[]'::jsonb)
      from private.missing_events(v_run) m
    )
  );
end
$$;
comment on function public.import_missing(uuid, uuid) is
  'Service only: what a reading did not bring although it should have: {lost, missing: [{eventId, seriesId, ours, '
  'hinted, young, missed}]}.';
grant execute on function public.import_missing(uuid, uuid) to service_role;

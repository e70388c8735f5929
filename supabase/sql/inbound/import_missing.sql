create or replace function public.import_missing(p_worker uuid, p_run uuid) returns jsonb
language plpgsql security definer set search_path = '' set statement_timeout = '20s'
as $$
declare
  c private.calendar_cursors := private.leased_cursor(p_worker, p_run);
begin
  if c.run_id is null then
    return jsonb_build_object('lost', true, 'missing', '[]'::jsonb, 'known', 0);
  end if;
  -- A hint about a series is one about each of its occurrences that did not come.
  insert into private.import_staging (run_id, event_id, removed)
  select p_run, e.external_event_id, true
  from private.import_staging s
  join public.external_events e
    on e.organisation_id = c.organisation_id and e.external_calendar_id = c.calendar_id and e.integration_id = c.integration_id
    and e.series_id = s.event_id and e.status <> 'cancelled' and e.detached_at is null
  where s.run_id = p_run and s.removed
  on conflict (run_id, event_id) do nothing;
  -- Hints about what we never knew need no check.
  delete from private.import_staging s
  where s.run_id = p_run and s.removed
    and not exists (
      select 1 from public.external_events e
      where e.organisation_id = c.organisation_id and e.external_calendar_id = c.calendar_id
        and e.external_event_id = s.event_id and e.status <> 'cancelled'
    )
    and not exists (select 1 from private.live_links(c) l where l.event_id = s.event_id);
  -- planted: absent_is_deleted
  return jsonb_build_object(
    'lost', false,
    'missing', (
      select coalesce(jsonb_agg(jsonb_build_object('eventId', m.event_id, 'ours', m.ours) order by m.event_id), '[]'::jsonb)
      from private.missing_events(c) m
    ),
    'known', (
      select count(*) from public.external_events e
      where e.integration_id = c.integration_id and e.external_calendar_id = c.calendar_id and e.status <> 'cancelled'
        and tstzrange(e.start_at, e.end_at) && tstzrange(c.run_from, c.run_to)
    )
  );
end
$$;
comment on function public.import_missing(uuid, uuid) is 'Service only: what a reading did not bring although it should have.';
grant execute on function public.import_missing(uuid, uuid) to service_role;

create or replace function private.missing_events(p_run private.import_runs)
returns table (
  event_id text, series_id text, ours boolean, hinted boolean, young boolean, missed boolean
)
language plpgsql stable security definer set search_path = ''
as $$
#variable_conflict use_column
begin
  return query
  select m.event_id, e.series_id, l.event_id is not null,
    exists (select 1 from private.import_staging s
      where s.run_id = p_run.id and s.event_id = m.event_id and s.removed),
    private.is_young(coalesce(l.synced_at, greatest(e.updated_at_provider, e.created_at))), x.missed_at is not null
  from (
    select s.event_id from private.import_staging s where s.run_id = p_run.id and s.removed
    union
    select e.external_event_id
    from public.external_events e
    where p_run.full_reading and e.integration_id = p_run.integration_id and e.external_calendar_id = p_run.calendar_id
      and e.status <> 'cancelled' and e.detached_at is null
      and e.during && tstzrange(p_run.window_from, p_run.window_to)
      and not exists (select 1 from private.import_staging s
        where s.run_id = p_run.id and s.event_id = e.external_event_id)
    union
    select u.event_id from private.unread_links(p_run) u where not u.fresh
  ) m
  left join private.live_links(p_run) l on l.event_id = m.event_id
  left join public.external_events e
    on e.organisation_id = p_run.organisation_id and e.external_calendar_id = p_run.calendar_id
    and e.external_event_id = m.event_id
  left join private.import_revisits x
    on x.integration_id = p_run.integration_id and x.calendar_id = p_run.calendar_id and x.event_id = m.event_id;
end
$$;
comment on function private.missing_events(private.import_runs) is
  'What should have come and did not, and hints of removal: each to be checked by a read, for absence is no deletion. '
  'missed: an earlier run did not find it either.';

create or replace function private.unread_links(p_run private.import_runs)
returns table (event_id text, rdv_id uuid, fresh boolean)
language plpgsql stable security definer set search_path = ''
as $$
#variable_conflict use_column
begin
  return query
  select l.event_id, l.rdv_id, l.state in ('creating', 'deleting')
    or coalesce(l.synced_at, '-infinity') >= p_run.started_at
  from private.live_links(p_run) l
  where p_run.full_reading
    and not exists (select 1 from private.import_staging s where s.run_id = p_run.id and s.event_id = l.event_id)
    and case
      when l.state in ('live', 'updating') then private.period(
        (coalesce(l.base, l.pushed) -> 'time' ->> 'startsAt')::timestamptz,
        (coalesce(l.base, l.pushed) -> 'time' ->> 'endsAt')::timestamptz, null
      ) && tstzrange(p_run.window_from, p_run.read_to)
      else exists (
        select 1 from private.sync_lanes k
        where k.integration_id = p_run.integration_id and k.lease_until > private.clock()
      )
    end;
end
$$;
comment on function private.unread_links(private.import_runs) is
  'Events of ours that a full reading should have brought and did not. fresh: written since it began, or being '
  'written, so that their absence is no news.';

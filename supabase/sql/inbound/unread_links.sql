create or replace function private.unread_links(c private.calendar_cursors) returns table (event_id text, rdv_id uuid, fresh boolean)
language sql stable security definer set search_path = ''
as $$
  select l.event_id, l.rdv_id,
    l.state in ('creating', 'deleting') or coalesce(l.synced_at, '-infinity') >= (select r.started_at from public.sync_runs r where r.id = c.run_id)
  from private.live_links(c) l
  where c.run_full
    and not exists (select 1 from private.import_staging s where s.run_id = c.run_id and s.event_id = l.event_id)
    and case
      when l.state in ('live', 'updating') then private.period(
        (coalesce(l.base, l.pushed) -> 'time' ->> 'startsAt')::timestamptz, (coalesce(l.base, l.pushed) -> 'time' ->> 'endsAt')::timestamptz
      ) && tstzrange(c.run_from, c.run_read_to)
      else exists (select 1 from private.sync_lanes k where k.integration_id = c.integration_id and k.lease_until > private.clock())
    end;
$$;
comment on function private.unread_links(private.calendar_cursors) is 'Events of ours that a full reading should have brought and did not. fresh: written since it began, or being written, so that their absence is no news.';

create or replace function private.import_due(p_provider text, p_limit integer)
returns table (integration_id uuid, calendar_id text)
language sql stable security definer set search_path = ''
as $$
  with candidate as (
    select n.integration_id, n.calendar_id from private.calendar_notices n
    union
    select q.integration_id, q.calendar_id from private.import_requests q where q.result is null
    union
    select c.integration_id, c.calendar_id from private.calendar_cursors c
    where c.provider = p_provider and c.next_poll_at <= private.clock()
  )
  select c.integration_id, c.calendar_id
  from candidate d
  join private.calendar_cursors c on c.integration_id = d.integration_id and c.calendar_id = d.calendar_id
  join public.calendar_integrations i on i.id = c.integration_id
  cross join lateral (
    select
      i.status = 'connected' and i.disconnected_at is null and i.removing_events_since is null and exists (
        select 1 from private.import_requests q
        where q.integration_id = c.integration_id and q.calendar_id = c.calendar_id and q.result is null
      ) as asked,
      private.follows(i, c.calendar_id) is not null as followed,
      c.failures = 0 and exists (
        select 1 from private.calendar_notices n
        where n.integration_id = c.integration_id and n.calendar_id = c.calendar_id
      ) as told
  ) w
  where c.provider = p_provider and (c.lease_until is null or c.lease_until <= private.clock())
    and private.paused(c.organisation_id, c.provider) is null
    and (w.asked or w.followed and (w.told or c.next_poll_at <= private.clock()))
  order by case when w.asked or w.told then '-infinity' else c.next_poll_at end, c.claimed_at nulls first,
    c.integration_id, c.calendar_id
  limit p_limit;
$$;
comment on function private.import_due(text, integer) is
  'Calendars to be read now: first those for which a person waits and those that a notice marked, then the followed '
  'ones that are longest overdue.';

create or replace function private.import_due(
  p_provider text, p_limit integer, p_turns integer default 3, p_passed uuid[] default '{}'
) returns table (integration_id uuid, calendar_id text)
language plpgsql stable security definer set search_path = '' set plan_cache_mode = 'force_generic_plan'
as $$
declare
  v_now timestamptz := private.clock();
  v_stopped uuid[] := private.paused_practices();
begin
  return query
  with candidate as (
    (
      select c.integration_id, c.calendar_id, 1 as turn, q.asked_at as since
      from private.import_requests q
      join private.calendar_cursors c on c.integration_id = q.integration_id and c.calendar_id = q.calendar_id
      join public.calendar_integrations i on i.id = c.integration_id
      where q.result is null and c.provider = p_provider
        and i.status = 'connected' and i.disconnected_at is null and i.removing_events_since is null
        and (c.lease_until is null or c.lease_until <= v_now) and c.organisation_id <> all (v_stopped)
      order by q.asked_at limit p_limit
    )
    union all
    (
      select c.integration_id, c.calendar_id, 2, c.told_at
      from private.calendar_cursors c
      where c.provider = p_provider and c.told_at is not null and c.followed is not null and c.failures = 0
        and (c.lease_until is null or c.lease_until <= v_now) and c.organisation_id <> all (v_stopped || p_passed)
        and p_turns >= 2
      order by c.told_at limit p_limit
    )
    union all
    (
      select c.integration_id, c.calendar_id, 3, c.next_poll_at
      from private.calendar_cursors c
      where c.provider = p_provider and c.followed is not null and c.next_poll_at <= v_now
        and (c.lease_until is null or c.lease_until <= v_now) and c.organisation_id <> all (v_stopped || p_passed)
        and p_turns >= 3
      order by c.next_poll_at limit p_limit
    )
  )
  select k.integration_id, k.calendar_id from candidate k
  group by k.integration_id, k.calendar_id
  order by min(k.turn), min(k.since), k.integration_id, k.calendar_id
  limit p_limit;
end
$$;
comment on function private.import_due(text, integer, integer, uuid[]) is
  'Calendars to be read now: first those for which a person waits, then those that a notice marked (heeded ones), then '
  'the followed ones that are longest overdue. p_turns: how many of these three; p_passed: practices that wait, unless '
  'a person of theirs does.';

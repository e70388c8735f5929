create or replace function public.sync_health() returns jsonb
language sql stable security definer set search_path = '' set statement_timeout = '8s'
as $$
  with waiting as (
    -- What a worker could do now: a connection that waits for its person is no outage.
    select o.dirty_since, o.next_attempt_at
    from private.sync_outbox o
    join private.sync_lanes l on l.integration_id = o.integration_id
    join public.calendar_integrations i on i.id = o.integration_id
    where o.parked_at is null and private.lane_may_work(i)
      and private.paused(i.organisation_id, i.provider) is null
      and (l.paused_until is null or l.paused_until <= private.clock())
  ), followed as (
    select c.next_poll_at, c.failures, c.last_error
    from private.calendar_cursors c
    join public.calendar_integrations i on i.id = c.integration_id
    where private.follows(i, c.calendar_id) is not null and private.paused(i.organisation_id, i.provider) is null
  )
  select jsonb_build_object(
    'sealing', private.seal_health(),
    'extensions', (select jsonb_object_agg(e.extname, e.extversion) from pg_catalog.pg_extension e),
    'nudgeConfigured', exists (select 1 from private.app_config c
      where c.key = 'nudge_secret' and c.sealed is not null),
    'pauses', (
      select coalesce(jsonb_agg(jsonb_build_object(
        'scope', p.scope, 'key', p.key, 'reason', p.reason, 'since', p.paused_at) order by p.scope, p.key), '[]'::jsonb)
      from private.sync_pauses p
    ),
    'due', (select count(*) from waiting w where w.next_attempt_at <= private.clock()),
    'oldestDueSeconds', (select ceil(extract(epoch from private.clock() - min(w.dirty_since))) from waiting w),
    'parked', (select count(*) from private.sync_outbox o where o.parked_at is not null),
    'reconnectRequired', (
      select count(*) from public.calendar_integrations i
      where i.status = 'reconnect_required' and i.disconnected_at is null
    ),
    'calendarsFollowed', (select count(*) from followed),
    'calendarsFailing', (select count(*) from followed f where f.failures >= 3),
    'mostOverduePollSeconds', (
      select greatest(0, ceil(extract(epoch from private.clock() - min(f.next_poll_at)))) from followed f
    ),
    'openMassChanges', (select count(*) from public.sync_conflicts k
      where k.reason = 'mass_change' and k.status = 'open')
  );
$$;
comment on function public.sync_health() is 'Service only: what the team looks at when it is paged.';
grant execute on function public.sync_health() to service_role;

create or replace function public.sync_health() returns jsonb
language plpgsql stable security definer set search_path = '' set statement_timeout = '8s'
as $$
declare
  v_now timestamptz := private.clock();
  v_running text[] := private.running(null, private.providers());
  v_stopped uuid[] := private.paused_practices();
  v_due record;
  v_overdue interval;
begin
  -- What a worker could do now: a connection that waits for its person is no outage.
  select sum(q.due) as count, min(q.oldest) as oldest into v_due
  from (
    select l.integration_id from private.sync_lanes l where l.due_at is not null
    union
    select n.integration_id from private.lane_notices n
  ) w
  cross join lateral (
    select from private.sync_lanes l
    where l.integration_id = w.integration_id and l.reachable and l.provider = any (v_running)
      and l.organisation_id <> all (v_stopped) and (l.paused_until is null or l.paused_until <= v_now)
    limit 1
  ) l
  cross join lateral (
    select count(*) filter (where o.next_attempt_at <= v_now) as due, min(o.dirty_since) as oldest
    from private.sync_outbox o where o.integration_id = w.integration_id and o.parked_at is null
  ) q;
  select greatest(interval '0', v_now - min(first.due)) into v_overdue
  from unnest(v_running) as p (provider)
  cross join lateral (
    select c.next_poll_at as due from private.calendar_cursors c
    where c.provider = p.provider and c.followed is not null and c.organisation_id <> all (v_stopped)
    order by c.next_poll_at limit 1
  ) first;
  return jsonb_build_object(
    'sealing', private.seal_health(),
    'extensions', (select jsonb_object_agg(e.extname, e.extversion) from pg_catalog.pg_extension e),
    'nudgeConfigured', exists (select 1 from private.app_config c
      where c.key = 'nudge_secret' and c.sealed is not null),
    'pauses', (
      select coalesce(jsonb_agg(jsonb_build_object(
        'scope', p.scope, 'key', p.key, 'reason', p.reason, 'since', p.paused_at) order by p.scope, p.key), '[]'::jsonb)
      from private.sync_pauses p
    ),
    'projects', (
      select coalesce(jsonb_agg(jsonb_build_object(
        'provider', p.provider, 'unitsPerMinute', p.per_minute, 'leftPercent', p.left_percent,
        'refusedSeconds', p.refused) order by p.provider), '[]'::jsonb)
      from (
        select b.provider, round(sum(b.rate) * 60 / 0.92) as per_minute,
          round(100 * sum(case
            when b.refused_until > v_now then 0
            else least(b.capacity, b.units + b.rate * greatest(0, extract(epoch from v_now - b.refilled_at)))
          end) / sum(b.capacity)) as left_percent,
          ceil(extract(epoch from greatest(interval '0', max(b.refused_until) - v_now))) as refused
        from private.project_budgets b
        where private.project_limit(b.provider, 1) is not null
        group by b.provider
      ) p
    ),
    'workers', (select count(*) from private.worker_places w where w.held_until > v_now),
    'due', coalesce(v_due.count, 0),
    'oldestDueSeconds', ceil(extract(epoch from v_now - v_due.oldest)),
    'parked', (select count(*) from private.sync_outbox o where o.parked_at is not null),
    'reconnectRequired', (
      select count(*) from public.calendar_integrations i
      where i.status = 'reconnect_required' and i.disconnected_at is null
    ),
    'calendarsFailing', (
      select count(*) from private.calendar_cursors c
      where c.provider = any (v_running) and c.failures >= 3 and c.followed is not null
        and c.organisation_id <> all (v_stopped)
    ),
    'mostOverduePollSeconds', ceil(extract(epoch from v_overdue)),
    'openMassChanges', (select count(*) from public.sync_conflicts k
      where k.reason = 'mass_change' and k.status = 'open')
  );
end
$$;
comment on function public.sync_health() is
  'Service only: what the team looks at when it is paged. projects: of what may be spent of a provider''s quota at '
  'once the part that is left, and for how long the provider refuses our whole project.';
grant execute on function public.sync_health() to service_role;

create or replace function public.import_status(p_organisation uuid, p_user uuid, p_provider text) returns jsonb
language sql stable security definer set search_path = '' set statement_timeout = '8s'
as $$
  select coalesce((
    select jsonb_build_object(
      'enabled', i.import_enabled and i.disconnected_at is null,
      'calendarId', i.calendar_source_id,
      'running', coalesce((
        select jsonb_build_object('runId', r.id, 'pages', r.pages, 'events', r.events, 'mode', r.mode,
          'startedAt', r.started_at)
        from private.import_runs x join public.sync_runs r on r.id = x.id
        where x.integration_id = i.id order by x.started_at desc limit 1
      ), (
        -- It waits its turn.
        select jsonb_build_object('runId', q.run_id, 'pages', 0, 'events', 0, 'mode', q.mode, 'startedAt', q.asked_at)
        from private.import_requests q where q.integration_id = i.id and q.result is null order by q.asked_at limit 1
      )),
      'lastImportAt', i.last_import_at,
      'last', (
        select jsonb_build_object(
          'runId', r.id, 'mode', r.mode, 'trigger', r.trigger, 'startedAt', r.started_at, 'finishedAt', r.finished_at,
          'calendarId', r.calendar_id,
          'window', jsonb_build_object('from', r.window_from, 'to', r.window_to), 'error', r.error,
          'failures', r.failures,
          'summary', jsonb_build_object('created', r.created, 'updated', r.updated, 'skipped', r.skipped,
            'cancelled', r.cancelled, 'failed', r.failed, 'conflicts', r.conflicts)
        )
        from public.sync_runs r
        where r.integration_id = i.id and r.direction = 'import' and r.mode = 'import' and r.finished_at is not null
        order by r.started_at desc limit 1
      ),
      'error', (
        select c.last_error from private.calendar_cursors c
        where c.integration_id = i.id and c.calendar_id = i.calendar_source_id and c.failures > 0
      ),
      'nextAt', (select min(c.next_poll_at) from private.calendar_cursors c
        where c.integration_id = i.id and private.follows(i, c.calendar_id) is not null),
      'push', case
        when exists (
          select 1 from private.watch_channels w
          where w.integration_id = i.id and w.resource_id is not null and w.replaced_at is null
            and w.expires_at > private.clock() and w.missed < 2
        ) then 'live'
        when exists (select 1 from private.calendar_cursors c
          where c.integration_id = i.id and c.watch_refused_at is not null) then 'refused'
        else 'none'
      end
    )
    from private.person_connection(p_organisation, p_user, p_provider) i
  ),
  jsonb_build_object('enabled', false, 'calendarId', null, 'running', null, 'lastImportAt', null, 'last', null,
    'error', null, 'nextAt', null, 'push', 'none'));
$$;
comment on function public.import_status(uuid, uuid, text) is
  'Service only: the last import, the one under way, and when the next comes.';
grant execute on function public.import_status(uuid, uuid, text) to service_role;

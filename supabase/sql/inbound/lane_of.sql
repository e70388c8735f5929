create or replace function private.lane_of(i public.calendar_integrations, run private.import_runs) returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
declare
  v_now timestamptz := private.clock();
  cursor private.calendar_cursors;
  channel private.watch_channels;
begin
  select * into cursor from private.calendar_cursors c
  where c.integration_id = i.id and c.calendar_id = run.calendar_id;
  select * into channel from private.watch_channels w
  where w.integration_id = i.id and w.calendar_id = run.calendar_id and w.resource_id is not null and w.replaced_at is null
    and w.expires_at > v_now and w.missed < 2
  order by w.expires_at desc limit 1;
  return jsonb_build_object(
    'runId', run.id, 'integrationId', i.id, 'organisationId', i.organisation_id, 'calendarId', run.calendar_id,
    'trigger', run.trigger, 'mode', run.mode, 'twoWay', i.two_way, 'eventDetail', i.event_detail,
    'organisation', (
      select jsonb_build_object('timezone', g.timezone, 'defaultDurationMinutes', g.default_duration_minutes)
      from public.organisations g where g.id = i.organisation_id
    ),
    'window', jsonb_build_object('from', run.window_from, 'to', run.read_to),
    'cursor', case when not run.full_reading then cursor.sync_token end,
    'pageToken', run.page_token, 'endCursor', run.end_cursor,
    'revisit', (
      select coalesce(jsonb_agg(q.event_id), '[]'::jsonb)
      from (
        select v.event_id from private.import_revisits v
        where v.integration_id = i.id and v.calendar_id = run.calendar_id
          and not exists (
            select 1 from private.import_staging s where s.run_id = run.id and s.event_id = v.event_id and not s.removed
          )
        order by v.since limit 50
      ) q
    ),
    'credential', private.known_token(i.id),
    'watch', case when channel.channel_id is not null then jsonb_build_object(
      'channelId', channel.channel_id, 'resourceId', channel.resource_id, 'expiresAt', channel.expires_at
    ) end,
    'watchWanted', private.follows(i, run.calendar_id) is not null and cursor.watch_refused_at is null
      and (channel.channel_id is null or channel.expires_at < v_now + private.jittered(interval '1 day'))
  );
end
$$;
comment on function private.lane_of(public.calendar_integrations, private.import_runs) is
  'What reading a calendar needs to know: ImportLane of sync/inbound/port.ts.';

create or replace function private.lane_of(
  i public.calendar_integrations, c private.calendar_cursors, p_trigger text, p_mode text
) returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
declare
  v_now timestamptz := private.clock();
  w private.watch_channels;
begin
  select * into w from private.watch_channels k
  where k.integration_id = i.id and k.calendar_id = c.calendar_id and k.resource_id is not null and k.replaced_at is null
    and k.expires_at > v_now and k.missed < 2
  order by k.expires_at desc limit 1;
  return jsonb_build_object(
    'runId', c.run_id, 'integrationId', i.id, 'organisationId', i.organisation_id, 'calendarId', c.calendar_id,
    'trigger', p_trigger, 'mode', p_mode, 'importEvents', c.run_events,
    'importAs', i.import_as, 'twoWay', i.two_way, 'eventDetail', i.event_detail,
    'organisation', (
      select jsonb_build_object('timezone', g.timezone, 'defaultDurationMinutes', g.default_duration_minutes)
      from public.organisations g where g.id = i.organisation_id
    ),
    'window', jsonb_build_object('from', c.run_from, 'to', c.run_read_to),
    'cursor', case when not c.run_full then c.sync_token end, 'full', c.run_full,
    'pageToken', c.page_token, 'endCursor', c.run_cursor,
    'allowMass', c.decided_mass is not null and c.decided_action = 'keep_calendar',
    'revisit', (
      select coalesce(jsonb_agg(q.event_id), '[]'::jsonb)
      from (
        select v.event_id from private.import_revisits v
        where v.integration_id = i.id and v.calendar_id = c.calendar_id
          and not exists (select 1 from private.import_staging s where s.run_id = c.run_id and s.event_id = v.event_id and not s.removed)
        order by v.since limit 50
      ) q
    ),
    'credential', private.known_token(i.id),
    'watch', case when w.channel_id is not null then jsonb_build_object(
      'channelId', w.channel_id, 'resourceId', w.resource_id, 'expiresAt', w.expires_at
    ) end,
    'watchWanted', private.follows(i, c.calendar_id) is not null and c.watch_refused_at is null
      and (w.channel_id is null or w.expires_at < v_now + private.jittered(interval '1 day'))
  );
end
$$;
comment on function private.lane_of(public.calendar_integrations, private.calendar_cursors, text, text) is 'What reading a calendar needs to know.';

create or replace function private.lane_of(
  p_connection public.calendar_integrations, p_run private.import_runs
) returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
declare
  v_now timestamptz := private.clock();
  v_cursor private.calendar_cursors;
  v_channel private.watch_channels;
begin
  select * into v_cursor from private.calendar_cursors c
  where c.integration_id = p_connection.id and c.calendar_id = p_run.calendar_id;
  select * into v_channel from private.watch_channels w
  where w.integration_id = p_connection.id and w.calendar_id = p_run.calendar_id and w.resource_id is not null
    and w.replaced_at is null
    and w.expires_at > v_now and w.missed < 2
  order by w.expires_at desc limit 1;
  return jsonb_build_object(
    'runId', p_run.id, 'integrationId', p_connection.id, 'organisationId', p_connection.organisation_id,
    'calendarId', p_run.calendar_id, 'calendarTargetId', p_connection.calendar_target_id,
    'trigger', p_run.trigger, 'mode', p_run.mode, 'twoWay', p_connection.two_way,
    'eventDetail', p_connection.event_detail, 'organisation', (
      select jsonb_build_object('timezone', g.timezone, 'defaultDurationMinutes', g.default_duration_minutes)
      from public.organisations g where g.id = p_connection.organisation_id
    ),
    'window', jsonb_build_object('from', p_run.window_from, 'to', p_run.read_to),
    'cursor', case when not p_run.full_reading then v_cursor.sync_token end,
    'pageToken', p_run.page_token, 'endCursor', p_run.end_cursor,
    'revisit', (
      select coalesce(jsonb_agg(jsonb_build_object(
        'eventId', q.event_id, 'young', q.young, 'missed', q.missed)), '[]'::jsonb)
      from (
        select v.event_id, bool_or(v.missed) as missed, private.is_young(coalesce(
          (
            select l.last_synced_at from public.appointment_external_links l
            where l.integration_id = p_connection.id and l.external_calendar_id = p_run.calendar_id
              and l.external_event_id = v.event_id
          ),
          max(v.written_at)
        )) as young
        from (
          select x.event_id, x.since, x.missed_at is not null as missed, x.written_at from private.import_revisits x
          where x.integration_id = p_connection.id and x.calendar_id = p_run.calendar_id
          union
          -- Not every provider's changes tell that a single occurrence was deleted.
          select l.external_event_id, r.starts_at, false, null
          from private.link_states s
          join public.appointment_external_links l on l.id = s.link_id and l.external_calendar_id = p_run.calendar_id
          join public.rdv r on r.id = l.rdv_id
          where s.integration_id = p_connection.id and s.place is not null
            and private.has_event(s.state) and s.erase_since is null and r.starts_at > v_now - interval '1 day'
        ) v
        where not exists (
          select 1 from private.import_staging s
          where s.run_id = p_run.id and s.event_id = v.event_id and not s.removed
        )
        group by v.event_id order by min(v.since) limit 50
      ) q
    ),
    'credential', private.known_token(p_connection.id),
    'watch', case when v_channel.channel_id is not null then jsonb_build_object(
      'channelId', v_channel.channel_id, 'resourceId', v_channel.resource_id, 'expiresAt', v_channel.expires_at
    ) end,
    'watchWanted', private.follows(p_connection, p_run.calendar_id) is not null and v_cursor.watch_refused_at is null
      and (v_channel.channel_id is null or v_channel.expires_at < v_now + private.jittered(interval '1 day'))
  );
end
$$;
comment on function private.lane_of(public.calendar_integrations, private.import_runs) is
  'What reading a calendar needs to know: ImportLane of sync/inbound/port.ts.';

create or replace function public.import_watch(
  p_integration uuid, p_calendar text, p_channel jsonb, p_refused boolean
) returns jsonb
language plpgsql security definer set search_path = '' set statement_timeout = '8s'
as $$
declare
  v_now timestamptz := private.clock();
  v_cursor private.calendar_cursors;
  v_stop jsonb := '[]'::jsonb;
begin
  select * into v_cursor from private.calendar_cursors c
  where c.integration_id = p_integration and c.calendar_id = p_calendar;
  if not found then
    -- The connection ended meanwhile: what was just opened is to be closed again.
    return jsonb_build_object('stop', case
      when p_channel ->> 'resourceId' is not null then jsonb_build_array(jsonb_build_object(
        'channelId', p_channel ->> 'channelId', 'resourceId', p_channel ->> 'resourceId'))
      else '[]'::jsonb end);
  end if;
  if p_refused then
    update private.calendar_cursors c set watch_refused_at = v_now
    where c.integration_id = p_integration and c.calendar_id = p_calendar;
    delete from private.watch_channels w
    where w.integration_id = p_integration and w.calendar_id = p_calendar and w.resource_id is null;
  elsif p_channel is not null and jsonb_typeof(p_channel) = 'object' then
    insert into private.watch_channels as w (channel_id, integration_id, calendar_id, provider, resource_id,
      secret_hash, expires_at, created_at)
    values (
      p_channel ->> 'channelId', p_integration, p_calendar, v_cursor.provider, p_channel ->> 'resourceId',
      coalesce(p_channel ->> 'secretHash', ''), (p_channel ->> 'expiresAt')::timestamptz, v_now
    )
    on conflict (channel_id) do update set
      resource_id = coalesce(excluded.resource_id, w.resource_id),
      expires_at = coalesce(excluded.expires_at, w.expires_at), missed = 0
    where w.integration_id = excluded.integration_id and w.calendar_id = excluded.calendar_id;
    if p_channel ->> 'resourceId' is not null then
      with old as (
        update private.watch_channels w set replaced_at = v_now
        where w.integration_id = p_integration and w.calendar_id = p_calendar
          and w.channel_id <> p_channel ->> 'channelId'
          and w.replaced_at is null and w.resource_id is not null
        returning w.channel_id, w.resource_id, w.expires_at
      )
      select coalesce(jsonb_agg(jsonb_build_object('channelId', o.channel_id, 'resourceId', o.resource_id)),
        '[]'::jsonb)
      into v_stop from old o;
    end if;
  end if;
  -- A report is made for each call: before a channel is opened, and once an older one is to be closed. Paid last, as
  -- everywhere: the lock of a practice's share is the last that is taken.
  perform private.settle_project(v_cursor.provider, v_cursor.organisation_id, 1, 0);
  return jsonb_build_object('stop', v_stop);
end
$$;
comment on function public.import_watch(uuid, text, jsonb, boolean) is
  'Service only: keeps a channel before it is opened (its first notice may be faster than the answer) and after; '
  'names the older ones to close. p_channel: {channelId, resourceId, expiresAt, secretHash} or null. Gives {stop: '
  '[{channelId, resourceId}]}.';
grant execute on function public.import_watch(uuid, text, jsonb, boolean) to service_role;

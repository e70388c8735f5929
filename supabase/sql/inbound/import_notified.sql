create or replace function public.import_notified(p_provider text, p_notices jsonb) returns jsonb
language plpgsql security definer set search_path = '' set statement_timeout = '8s'
set plan_cache_mode = 'force_generic_plan'
as $$
declare
  v_now timestamptz := private.clock();
  v_notice record;
  v_channel private.watch_channels;
  v_news integer;
  v_dirty integer := 0;
begin
  -- Nothing here waits: a tool that edits a thousand events brings a thousand notices at once, of which one is news.
  for v_notice in
    select n."secretHash" as secret, n."channelId" as channel, n."resourceId" as resource, n.meaning
    from jsonb_to_recordset(p_notices) as n ("secretHash" text, "channelId" text, "resourceId" text, meaning text)
  loop
    for v_channel in
      select * from private.watch_channels w
      where w.secret_hash = v_notice.secret and w.provider = p_provider
        and (w.channel_id = v_notice.channel or (v_notice.channel is null and w.resource_id = v_notice.resource))
        and (w.resource_id is null or v_notice.resource is null or w.resource_id = v_notice.resource)
        and (w.expires_at is null or w.expires_at > v_now)
    loop
      if v_channel.last_notice_at is null or v_channel.last_notice_at < v_now - interval '1 minute'
        or v_channel.missed > 0 or v_notice.meaning = 'recreate' and v_channel.replaced_at is null
        or v_notice.meaning = 'renew' and v_channel.expires_at > v_now + interval '1 hour' then
        perform from private.watch_channels w where w.channel_id = v_channel.channel_id for no key update skip locked;
        if found then
          update private.watch_channels w set
            last_notice_at = v_now, missed = 0,
            replaced_at = case when v_notice.meaning = 'recreate' then coalesce(w.replaced_at, v_now)
              else w.replaced_at end,
            expires_at = case when v_notice.meaning = 'renew' then least(w.expires_at, v_now + interval '1 hour')
              else w.expires_at end
          where w.channel_id = v_channel.channel_id;
        end if;
      end if;
      insert into private.calendar_notices (integration_id, calendar_id, told_at)
      select c.integration_id, c.calendar_id, v_now
      from private.calendar_cursors c
      left join private.import_runs r on r.integration_id = c.integration_id and r.calendar_id = c.calendar_id
      where c.integration_id = v_channel.integration_id and c.calendar_id = v_channel.calendar_id
        and c.followed is not null
        -- Known already, unless the reading under way began before.
        and not exists (
          select 1 from private.calendar_notices k
          where k.integration_id = c.integration_id and k.calendar_id = c.calendar_id
            and k.id > coalesce(r.last_notice, 0)
        );
      get diagnostics v_news = row_count;
      v_dirty := v_dirty + v_news;
    end loop;
  end loop;
  return jsonb_build_object('dirty', v_dirty);
end
$$;
comment on function public.import_notified(text, jsonb) is
  'Service only: notes the calendars of notices that carry their channel''s secret; others mean nothing. dirty: how '
  'many of them are news. p_notices: [{secretHash, channelId, resourceId, meaning}].';
grant execute on function public.import_notified(text, jsonb) to service_role;

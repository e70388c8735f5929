create or replace function public.import_notified(p_provider text, p_notices jsonb) returns jsonb
language plpgsql security definer set search_path = '' set statement_timeout = '8s'
as $$
declare
  v_now timestamptz := private.clock();
  v_dirty integer;
begin
  -- Nothing here waits: a tool that edits a thousand events brings a thousand notices at once, of which one is news.
  with told as (
    select w.channel_id, w.integration_id, w.calendar_id, n ->> 'meaning' as meaning
    from jsonb_array_elements(p_notices) n
    join private.watch_channels w on w.provider = p_provider and w.secret_hash = n ->> 'secretHash'
      and (w.channel_id = n ->> 'channelId' or (n ->> 'channelId' is null and w.resource_id = n ->> 'resourceId'))
      and (w.resource_id is null or n ->> 'resourceId' is null or w.resource_id = n ->> 'resourceId')
    where w.expires_at is null or w.expires_at > v_now
  ), free as (
    select w.channel_id from private.watch_channels w
    where w.channel_id in (
      select t.channel_id from told t join private.watch_channels k on k.channel_id = t.channel_id
      where k.last_notice_at is null or k.last_notice_at < v_now - interval '1 minute' or k.missed > 0
        or t.meaning = 'recreate' and k.replaced_at is null or t.meaning = 'renew'
        and k.expires_at > v_now + interval '1 hour'
    )
    for no key update skip locked
  ), heard as (
    update private.watch_channels w set
      last_notice_at = v_now, missed = 0,
      replaced_at = case when t.meaning = 'recreate' then coalesce(w.replaced_at, v_now) else w.replaced_at end,
      expires_at = case when t.meaning = 'renew' then least(w.expires_at, v_now + interval '1 hour')
        else w.expires_at end
    from free f join told t on t.channel_id = f.channel_id
    where w.channel_id = f.channel_id
  ), news as (
    insert into private.calendar_notices (integration_id, calendar_id, told_at)
    select distinct t.integration_id, t.calendar_id, v_now
    from told t
    join private.calendar_cursors c on c.integration_id = t.integration_id and c.calendar_id = t.calendar_id
    left join private.import_runs r on r.integration_id = t.integration_id and r.calendar_id = t.calendar_id
    -- Known already, unless the reading under way began before.
    where not exists (
      select 1 from private.calendar_notices k
      where k.integration_id = c.integration_id and k.calendar_id = c.calendar_id and k.id > coalesce(r.last_notice, 0)
    )
    returning 1
  )
  select count(*) into v_dirty from news;
  return jsonb_build_object('dirty', v_dirty);
end
$$;
comment on function public.import_notified(text, jsonb) is
  'Service only: notes the calendars of notices that carry their channel''s secret; others mean nothing. dirty: how '
  'many of them are news. p_notices: [{secretHash, channelId, resourceId, meaning}].';
grant execute on function public.import_notified(text, jsonb) to service_role;

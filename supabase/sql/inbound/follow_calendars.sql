create or replace function private.follow_calendars() returns trigger
language plpgsql security definer set search_path = ''
as $$
declare
  v_now timestamptz := private.clock();
  v_soon timestamptz := v_now + private.jittered(private.import_interval(new.provider, false));
  v_at_once boolean;
begin
  if new.disconnected_at is not null then
    if tg_op = 'UPDATE' and old.disconnected_at is null then
      -- Events that are no longer kept up to date would soon be wrong.
      delete from public.external_events e where e.integration_id = new.id;
      delete from private.calendar_cursors c where c.integration_id = new.id;
      update public.sync_conflicts c set status = 'ignored', resolution = 'disconnected', resolved_at = v_now
      where c.integration_id = new.id and c.status = 'open';
    end if;
    return null;
  end if;
  if tg_op = 'UPDATE' and old.account_id <> new.account_id then
    delete from public.external_events e where e.integration_id = new.id;
    delete from private.calendar_cursors c where c.integration_id = new.id;
  end if;
  insert into private.calendar_cursors (integration_id, calendar_id, organisation_id, provider, next_poll_at)
  select new.id, f.calendar_id, new.organisation_id, new.provider,
    -- A person who has just switched the import on looks at a preview first.
    case when private.follows(new, f.calendar_id) = 'source' then v_soon
      else v_now end
  from (select distinct x.id as calendar_id
    from unnest(array[new.calendar_source_id, new.calendar_target_id]) as x (id)) f
  where f.calendar_id is not null and private.follows(new, f.calendar_id) is not null
  on conflict (integration_id, calendar_id) do nothing;
  -- Nothing waits for a reading that ends: it looks itself, and so does the claim, which then puts this right.
  update private.calendar_cursors c set followed = null
  where c.integration_id = new.id and c.calendar_id in (
    select k.calendar_id from private.calendar_cursors k
    where k.integration_id = new.id and k.followed is not null and private.follows(new, k.calendar_id) is null
    for no key update skip locked
  );
  -- One that is followed again may have missed what its channel told.
  update private.calendar_cursors c set
    followed = private.follows(new, c.calendar_id),
    next_poll_at = case when c.followed is null then least(c.next_poll_at, v_soon) else c.next_poll_at end,
    push_proven_at = case when c.followed is not null then c.push_proven_at end
  where c.integration_id = new.id and private.follows(new, c.calendar_id) is not null
    and c.followed is distinct from private.follows(new, c.calendar_id);
  if tg_op = 'UPDATE' and (old.two_way, old.import_as, old.import_range_default, old.status)
      is distinct from (new.two_way, new.import_as, new.import_range_default, new.status) then
    update private.calendar_cursors c
    set next_poll_at = least(c.next_poll_at, v_now + interval '10 seconds'), failures = 0
    where c.integration_id = new.id and c.sync_token is not null;
  end if;
  if tg_op = 'UPDATE' and old.event_detail <> new.event_detail then
    -- What an event showed before is compared anew.
    -- An import that has just been switched on waits for its preview all the same.
    v_at_once := private.follows(new, new.calendar_target_id) = 'target'
      or (private.follows(new, new.calendar_target_id) is not null and old.import_enabled);
    update private.calendar_cursors c set
      sync_token = null, next_poll_at = case when v_at_once then least(c.next_poll_at, v_now) else c.next_poll_at end
    where c.integration_id = new.id and c.calendar_id = new.calendar_target_id;
    if v_at_once then
      perform private.nudge(new.provider, 'import');
    end if;
  end if;
  if tg_op = 'UPDATE' and new.import_enabled
    and (old.import_enabled, old.calendar_source_id) is distinct from (new.import_enabled, new.calendar_source_id) then
    -- Followed for our own events alone, all foreign events in it were passed over.
    update private.calendar_cursors c set
      sync_token = null,
      next_poll_at = greatest(c.next_poll_at, v_soon)
    where c.integration_id = new.id and c.calendar_id = new.calendar_source_id;
  end if;
  return null;
end
$$;
comment on function private.follow_calendars() is
  'Row trigger: the calendars that an integration follows have a cursor; a disconnected one keeps nothing of the '
  'person''s calendar.';

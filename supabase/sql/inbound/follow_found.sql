create or replace function private.follow_found(p_integration uuid, p_calendars text[]) returns void
language plpgsql security definer set search_path = ''
as $$
begin
  -- As a rule there is only the target.
  if not exists (
    select from public.calendar_integrations i cross join unnest(p_calendars) as f (calendar_id)
    where i.id = p_integration and f.calendar_id <> i.calendar_target_id
  ) then
    return;
  end if;
  insert into private.calendar_cursors (integration_id, calendar_id, organisation_id, provider, next_poll_at)
  select i.id, f.calendar_id, i.organisation_id, i.provider, private.clock()
  from public.calendar_integrations i
  cross join unnest(p_calendars) as f (calendar_id)
  where i.id = p_integration and f.calendar_id <> i.calendar_target_id
  on conflict (integration_id, calendar_id) do nothing;
  -- What the row was made with is from before the event came there.
  update private.calendar_cursors c set followed = 'target', next_poll_at = private.clock()
  from public.calendar_integrations i
  where i.id = p_integration and c.integration_id = i.id and c.calendar_id = any (p_calendars)
    and c.calendar_id <> i.calendar_target_id and c.followed is null;
  if found then
    perform private.nudge(i.provider, 'import') from public.calendar_integrations i where i.id = p_integration;
  end if;
end
$$;
comment on function private.follow_found(uuid, text[]) is
  'Calendars to which a person moved events of ours are read from now on (private.follows), so that what becomes of '
  'the events there is known. Before anything of the queue or the links is locked.';

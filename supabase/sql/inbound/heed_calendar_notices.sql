create or replace function private.heed_calendar_notices(p_provider text) returns boolean
language plpgsql security definer set search_path = '' set plan_cache_mode = 'force_generic_plan'
as $$
declare
  v_calendar record;
  v_all boolean := true;
begin
  -- One after another, each by its key: such a plan depends on no statistics.
  for v_calendar in
    select n.integration_id, n.calendar_id, array_agg(n.id) as notices, min(n.told_at) as told_at
    from (
      select * from private.calendar_notices x
      -- Those of another provider are its own claim's: a calendar that is held by a claim that does not want it would
      -- wait. Asked of each notice by the key of its calendar, and not as a join, which may go through all calendars.
      where not x.heeded and (
        select c.provider <> p_provider from private.calendar_cursors c
        where c.integration_id = x.integration_id and c.calendar_id = x.calendar_id
      ) is not true
      order by x.id limit 500
    ) n
    group by n.integration_id, n.calendar_id
  loop
    perform from private.calendar_cursors c
    where c.integration_id = v_calendar.integration_id and c.calendar_id = v_calendar.calendar_id
    for no key update skip locked;
    if found then
      update private.calendar_cursors c set told_at = v_calendar.told_at
      where c.integration_id = v_calendar.integration_id and c.calendar_id = v_calendar.calendar_id
        and c.told_at is null;
    elsif exists (
      select from private.calendar_cursors c
      where c.integration_id = v_calendar.integration_id and c.calendar_id = v_calendar.calendar_id
    ) then
      v_all := false;
      continue;
    end if;
    update private.calendar_notices n set heeded = true where n.id = any (v_calendar.notices);
  end loop;
  return v_all;
end
$$;
comment on function private.heed_calendar_notices(text) is
  'Writes to the calendars that they were told to have changed, so that those are found in an index. p_provider: of '
  'which provider; null: of all. False where others hold a calendar at this moment: its notice is to be heeded again '
  'soon.';

create or replace function private.next_poll(p_run private.import_runs) returns timestamptz
language plpgsql volatile security definer set search_path = ''
as $$
declare
  v_now constant timestamptz := private.clock();
  v_regular timestamptz;
begin
  -- A run that lasted, because its worker died, has told what was when it began.
  select least(private.regular_poll(c), case when p_run.started_at < v_now - private.import_interval(c.provider, false)
      then v_now + private.jittered(private.import_interval(c.provider, false)) end)
  into v_regular from private.calendar_cursors c
  where c.integration_id = p_run.integration_id and c.calendar_id = p_run.calendar_id;
  if not exists (
    select 1 from private.import_revisits x
    where x.integration_id = p_run.integration_id and x.calendar_id = p_run.calendar_id
  ) then
    return v_regular;
  end if;
  -- While our own change waits for something itself, looking often would only cost.
  return least(v_regular, v_now + case when not exists (
    select 1 from private.import_revisits x
    where x.integration_id = p_run.integration_id and x.calendar_id = p_run.calendar_id and x.missed_at is null
  ) or exists (
    select 1 from private.import_revisits x
    cross join lateral private.live_links(p_run, array[x.event_id]) l
    join private.sync_outbox o on o.integration_id = p_run.integration_id and o.rdv_id = l.rdv_id
      and o.parked_at is null
    where x.integration_id = p_run.integration_id and x.calendar_id = p_run.calendar_id
      and x.since < v_now - interval '20 seconds'
  ) then interval '45 seconds' else interval '5 seconds' end);
end
$$;
comment on function private.next_poll(private.import_runs) is
  'When a calendar is read again: at the next poll, or in some seconds where an event is to be looked at by itself.';

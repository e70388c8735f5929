create or replace function private.judge_channel(
  p_run private.import_runs, p_tally private.import_tally, p_done private.verdict[]
) returns void
language plpgsql security definer set search_path = ''
as $$
declare
  v_now constant timestamptz := private.clock();
  v_changes constant integer := p_tally.created + p_tally.updated + p_tally.cancelled + p_tally.failed
    + cardinality(p_done);
begin
  if p_run.last_notice > 0 and v_changes + p_tally.own > 0 then
    -- It holds for a week: a busy calendar's row is not written for it with each reading.
    update private.calendar_cursors c set push_proven_at = v_now
    where c.integration_id = p_run.integration_id and c.calendar_id = p_run.calendar_id
      and (c.push_proven_at > v_now - interval '1 hour') is not true;
  elsif p_run.trigger = 'schedule' and p_run.last_notice = 0 and v_changes > 0 then
    update private.calendar_cursors c set push_proven_at = null
    where c.integration_id = p_run.integration_id and c.calendar_id = p_run.calendar_id
      and c.push_proven_at is not null;
    update private.watch_channels w set missed = w.missed + 1
    where w.integration_id = p_run.integration_id and w.calendar_id = p_run.calendar_id and w.replaced_at is null
      and w.resource_id is not null;
  end if;
end
$$;
comment on function private.judge_channel(private.import_runs, private.import_tally, private.verdict[]) is
  'A reading that found what a notice had told proves the calendar''s channel. A poll that found what none had told '
  'puts it in doubt: twice, and the channel counts as dead.';

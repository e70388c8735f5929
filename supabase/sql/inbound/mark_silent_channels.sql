create or replace function private.mark_silent_channels(
  p_run private.import_runs, p_tally private.import_tally, p_done private.verdict[]
) returns void
language sql security definer set search_path = ''
as $$
  update private.watch_channels w set missed = w.missed + 1
  where p_run.trigger = 'schedule' and p_run.last_notice = 0
    and p_tally.created + p_tally.updated + p_tally.cancelled + p_tally.failed + cardinality(p_done) > 0
    and w.integration_id = p_run.integration_id and w.calendar_id = p_run.calendar_id and w.replaced_at is null
    and w.resource_id is not null;
$$;
comment on function private.mark_silent_channels(private.import_runs, private.import_tally, private.verdict[]) is
  'A poll that found what a notice should have told: twice, and the channel counts as dead.';

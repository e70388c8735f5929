create or replace function private.journal_run(
  p_run private.import_runs, p_summary jsonb, p_failures jsonb
) returns void
language plpgsql security definer set search_path = ''
as $$
declare
  v_done public.sync_runs := jsonb_populate_record(null::public.sync_runs, p_summary);
begin
  if v_done.created + v_done.updated + v_done.cancelled + v_done.failed + v_done.conflicts = 0 then
    delete from public.sync_runs r
    where r.id = p_run.id and r.trigger <> 'manual' and not exists (
      select 1 from public.sync_run_items t where t.organisation_id = r.organisation_id and t.run_id = r.id
    );
    if found then
      return;
    end if;
  end if;
  update public.sync_runs r set
    created = v_done.created, updated = v_done.updated, skipped = v_done.skipped, cancelled = v_done.cancelled,
    failed = v_done.failed, conflicts = v_done.conflicts, failures = p_failures
  where r.id = p_run.id;
end
$$;
comment on function private.journal_run(private.import_runs, jsonb, jsonb) is
  'Writes a run''s figures into the journal, which tells what was done: a poll that found nothing is not kept. '
  'p_summary: {created, updated, skipped, cancelled, failed, conflicts}. p_failures: [{eventId, code}].';

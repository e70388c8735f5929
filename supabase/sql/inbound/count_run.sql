create or replace function private.count_run(p_run uuid, p_summary jsonb, p_failures jsonb) returns void
language plpgsql security definer set search_path = ''
as $$
begin
  update public.sync_runs r set
    created = s.created, updated = s.updated, skipped = s.skipped, cancelled = s.cancelled, failed = s.failed,
    conflicts = s.conflicts, failures = p_failures
  from jsonb_populate_record(null::public.sync_runs, p_summary) s
  where r.id = p_run;
end
$$;
comment on function private.count_run(uuid, jsonb, jsonb) is
  'Writes a run''s figures into the journal. p_summary: {created, updated, skipped, cancelled, failed, conflicts}. '
  'p_failures: [{eventId, code}].';

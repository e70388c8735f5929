create or replace function private.count_run(p_run uuid, p_summary jsonb, p_failures jsonb) returns void
language sql security definer set search_path = ''
as $$
  update public.sync_runs r set
    created = (p_summary ->> 'created')::integer, updated = (p_summary ->> 'updated')::integer, skipped = (p_summary ->> 'skipped')::integer,
    cancelled = (p_summary ->> 'cancelled')::integer, failed = (p_summary ->> 'failed')::integer,
    conflicts = (p_summary ->> 'conflicts')::integer, failures = p_failures
  where r.id = p_run;
$$;
comment on function private.count_run(uuid, jsonb, jsonb) is 'Writes a run''s figures into the journal.';

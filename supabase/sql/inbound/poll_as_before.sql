create or replace function private.poll_as_before(p_run private.import_runs) returns timestamptz
language sql stable security definer set search_path = ''
as $$
  select c.next_poll_at from private.calendar_cursors c
  where c.integration_id = p_run.integration_id and c.calendar_id = p_run.calendar_id;
$$;
comment on function private.poll_as_before(private.import_runs) is
  'When the schedule reads a calendar next: what a run that took nothing over does not change.';

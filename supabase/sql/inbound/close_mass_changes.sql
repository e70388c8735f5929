create or replace function private.close_mass_changes(p_run private.import_runs) returns void
language plpgsql security definer set search_path = ''
as $$
begin
  update public.sync_conflicts k set
    status = case when k.status = 'open' then 'resolved' else k.status end,
    resolution = case when k.status = 'open' then 'vanished' else k.resolution end,
    resolved_at = case when k.status = 'open' then private.clock() else k.resolved_at end,
    payload = k.payload - 'fingerprint'
  where k.integration_id = p_run.integration_id and k.reason = 'mass_change'
    and k.payload ->> 'calendarId' = p_run.calendar_id and k.payload ? 'fingerprint';
end
$$;
comment on function private.close_mass_changes(private.import_runs) is
  'After a reading that was applied: an open question about too much at once is over, and an answer to one counts '
  'once.';

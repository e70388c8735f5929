create or replace function private.mass_decision(p_run private.import_runs, p_fingerprint text) returns text
language sql stable security definer set search_path = ''
as $$
  select k.resolution from public.sync_conflicts k
  where k.integration_id = p_run.integration_id and k.reason = 'mass_change' and k.status <> 'open'
    and k.resolution in ('keep_cassius', 'keep_calendar', 'ignore')
    and k.payload ->> 'calendarId' = p_run.calendar_id and k.payload ->> 'fingerprint' = p_fingerprint
  order by k.resolved_at desc limit 1;
$$;
comment on function private.mass_decision(private.import_runs, text) is
  'What a person decided about this very change, and no reading has carried out yet; null: nothing. The fingerprint '
  'leaves the question when the calendar is next read to the end (close_mass_changes).';

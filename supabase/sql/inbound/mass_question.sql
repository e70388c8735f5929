create or replace function private.mass_question(p_run private.import_runs) returns jsonb
language sql stable security definer set search_path = ''
as $$
  select jsonb_agg(jsonb_build_object('id', k.id, 'reason', k.reason, 'externalId', null, 'rdvId', null))
  from public.sync_conflicts k
  where k.integration_id = p_run.integration_id and k.reason = 'mass_change' and k.status = 'open'
    and k.payload ->> 'calendarId' = p_run.calendar_id;
$$;
comment on function private.mass_question(private.import_runs) is
  'The open question about too much at once in a calendar: [{id, reason, externalId, rdvId}]; null where there is '
  'none.';

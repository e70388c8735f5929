create or replace function private.open_questions(p_run private.import_runs) returns setof public.sync_conflicts
language sql stable security definer set search_path = ''
as $$
  select k.* from public.sync_conflicts k
  where k.integration_id = p_run.integration_id and k.status = 'open' and k.reason = 'changed_both_sides'
    and k.entity_type = 'appointment';
$$;
comment on function private.open_questions(private.import_runs) is
  'What a person has been asked about both sides of appointments and their events; at most one an appointment.';

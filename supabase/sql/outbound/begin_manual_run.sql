create or replace function private.begin_manual_run(p_connection public.calendar_integrations) returns uuid
language sql security definer set search_path = ''
as $$
  insert into public.sync_runs (organisation_id, integration_id, direction, trigger, started_at)
  values (p_connection.organisation_id, p_connection.id, 'export', 'manual', private.clock())
  returning id;
$$;
comment on function private.begin_manual_run(public.calendar_integrations) is 'A run that a person asked for.';

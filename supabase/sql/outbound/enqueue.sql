create or replace function private.enqueue(
  p_integrations uuid[], p_rdvs uuid[], p_organisation uuid, p_request private.queue_request, p_run uuid
) returns integer
language plpgsql security definer set search_path = ''
as $$
declare
  v_now timestamptz := private.clock();
  v_count integer;
begin
  insert into private.sync_outbox as o
    (integration_id, rdv_id, organisation_id, next_attempt_at, dirty_since, request, run_id)
  select p.integration_id, p.rdv_id, p_organisation, v_now, v_now, p_request, p_run
  from (select distinct x.integration_id, x.rdv_id from unnest(p_integrations, p_rdvs) as x (integration_id, rdv_id)) p
  order by p.integration_id, p.rdv_id
  on conflict (integration_id, rdv_id) do update set
    version = excluded.version,
    next_attempt_at = excluded.next_attempt_at,
    dirty_since = case when o.parked_at is null then o.dirty_since else excluded.dirty_since end,
    attempts = 0, first_failed_at = null, parked_at = null, last_error_code = null,
    request = greatest(o.request, excluded.request),
    run_id = coalesce(excluded.run_id, o.run_id);
  get diagnostics v_count = row_count;
  update public.appointment_external_links l
  set sync_status = private.sync_status('live', true, false), updated_at = now()
  from unnest(p_integrations, p_rdvs) as x (integration_id, rdv_id)
  where l.integration_id = x.integration_id and l.rdv_id = x.rdv_id and l.external_event_id is not null
    and l.sync_status <> private.sync_status('live', true, false);
  return v_count;
end
$$;
comment on function private.enqueue(uuid[], uuid[], uuid, private.queue_request, uuid) is
  'Marks pairs of integration and appointment dirty; a pair that is dirty already gets a new version.';

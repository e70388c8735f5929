create or replace function private.park_job(p_integration uuid, p_rdv uuid, p_code text) returns void
language plpgsql security definer set search_path = ''
as $$
begin
  update private.sync_outbox o set parked_at = private.clock(), last_error_code = p_code, attempts = o.attempts + 1
  where o.integration_id = p_integration and o.rdv_id = p_rdv;
  insert into public.appointment_external_links as l
    (organisation_id, rdv_id, integration_id, provider, epoch, sync_status, last_error)
  select n.organisation_id, p_rdv, p_integration, n.provider, 0, private.sync_status('absent', true, true),
    jsonb_build_object('code', p_code, 'message', null)
  from private.sync_lanes n where n.integration_id = p_integration
  on conflict (integration_id, rdv_id) do update set
    sync_status = excluded.sync_status, last_error = excluded.last_error, updated_at = now();
end
$$;
comment on function private.park_job(uuid, uuid, text) is
  'Takes one appointment out of its lane until a person acts, with a reason that they see.';

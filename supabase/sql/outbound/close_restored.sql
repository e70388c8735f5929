create or replace function private.close_restored(p_integration uuid, p_results private.job_result[]) returns void
language plpgsql security definer set search_path = ''
as $$
begin
  if not exists (
    select from public.sync_conflicts k
    where k.integration_id = p_integration and k.internal_id is not null and k.reason = 'restored' and k.status = 'open'
  ) then
    return;
  end if;
  update public.sync_conflicts k set status = 'resolved', resolution = 'vanished', resolved_at = private.clock()
  from unnest(p_results) r
  join public.appointment_external_links l on l.integration_id = p_integration and l.rdv_id = r.rdv_id
  join private.link_states s on s.link_id = l.id
  where k.integration_id = p_integration and k.internal_id = r.rdv_id and k.reason = 'restored' and k.status = 'open'
    and k.external_id = l.external_event_id and r.state in ('live', 'gone');
end
$$;
comment on function private.close_restored(uuid, private.job_result[]) is
  'An event that was asked about is the appointment''s again, or ended: nothing is left to decide.';

create or replace function public.sync_reserve(p_worker uuid, p_integration uuid, p_items jsonb) returns jsonb
language plpgsql security definer set search_path = '' set statement_timeout = '8s'
as $$
declare
  v_lane private.sync_lanes;
  v_locked uuid[];
begin
  select * into v_lane from private.sync_lanes l where l.integration_id = p_integration and l.lease_owner = p_worker for update;
  if not found then
    return jsonb_build_object('reserved', '[]'::jsonb);
  end if;
  select coalesce(array_agg(o.rdv_id), '{}') into v_locked
  from (
    select q.rdv_id from private.sync_outbox q
    join jsonb_to_recordset(p_items) as x ("rdvId" uuid, version bigint) on x."rdvId" = q.rdv_id and x.version = q.version
    where q.integration_id = p_integration
    order by q.rdv_id
    for update of q skip locked
  ) o;
  with item as (
    select * from jsonb_to_recordset(p_items) as x ("rdvId" uuid, "calendarId" text, "eventId" text, epoch integer)
    where x."rdvId" = any (v_locked)
  ), link as (
    insert into public.appointment_external_links as l
      (organisation_id, rdv_id, integration_id, provider, external_calendar_id, external_event_id, epoch, sync_status)
    select v_lane.organisation_id, i."rdvId", p_integration, v_lane.provider, i."calendarId", i."eventId", i.epoch, 'pending'
    from item i
    on conflict (integration_id, rdv_id) do update set
      external_calendar_id = excluded.external_calendar_id, external_event_id = excluded.external_event_id,
      epoch = excluded.epoch, etag = null, sync_status = 'pending', skip_reason = null, updated_at = now()
    returning l.id, l.rdv_id
  )
  insert into private.link_states as s (link_id, presence, patient_id)
  select link.id, 'reserved', r.patient_id from link left join public.rdv r on r.id = link.rdv_id
  on conflict (link_id) do update set
    presence = 'reserved', pushed = null, base = null, fingerprint = null,
    patient_id = coalesce(excluded.patient_id, s.patient_id), updated_at = now();
  return jsonb_build_object('reserved', to_jsonb(v_locked));
end
$$;
comment on function public.sync_reserve(uuid, uuid, jsonb) is 'Service only: stores event ids before their events are made or ended, so that a lost answer finds its own event, and our own deletion is nobody else''s.';
grant execute on function public.sync_reserve(uuid, uuid, jsonb) to service_role;

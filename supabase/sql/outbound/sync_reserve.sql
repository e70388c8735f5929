create or replace function public.sync_reserve(p_worker uuid, p_integration uuid, p_items jsonb) returns jsonb
language plpgsql security definer set search_path = '' set statement_timeout = '8s'
as $$
declare
  v_lane private.sync_lanes;
  v_items private.announcement[];
begin
  select * into v_lane from private.sync_lanes l
  where l.integration_id = p_integration
    and l.lease_owner = p_worker -- planted: ignored_lease
  for update;
  if not found then
    return jsonb_build_object('reserved', '[]'::jsonb);
  end if;
  select coalesce(array_agg(k.item), '{}') into v_items
  from (
    select row(x."rdvId", x.state, x."calendarId", x."eventId", x.epoch, x.description)::private.announcement as item
    from jsonb_to_recordset(p_items) as x (
      "rdvId" uuid, version bigint, state private.link_state, "calendarId" text, "eventId" text, epoch integer,
      description text)
    join private.sync_outbox q
      on q.integration_id = p_integration and q.rdv_id = x."rdvId" and q.version = x.version
    order by q.rdv_id
    for update of q skip locked
  ) k;
  with link as (
    insert into public.appointment_external_links as l
      (organisation_id, rdv_id, integration_id, provider, external_calendar_id, external_event_id, epoch, sync_status)
    select v_lane.organisation_id, i.rdv_id, p_integration, v_lane.provider, i.calendar_id, i.event_id, i.epoch,
      private.sync_status(i.state, true, false)
    from unnest(v_items) i
    where i.state <> 'updating' -- planted: deletion_unannounced
    on conflict (integration_id, rdv_id) do update set
      external_calendar_id = excluded.external_calendar_id, external_event_id = excluded.external_event_id,
      epoch = excluded.epoch, etag = null, sync_status = excluded.sync_status, skip_reason = null, updated_at = now()
    returning l.id, l.rdv_id
  )
  insert into private.link_states as s (link_id, state, patient_id, sent)
  select link.id, i.state, r.patient_id, array_remove(array[i.description], null)
  from link
  join unnest(v_items) i on i.rdv_id = link.rdv_id
  left join public.rdv r on r.id = link.rdv_id
  on conflict (link_id) do update set
    state = excluded.state,
    -- Of an event that goes it stays known when it was: should it be a series by then, only its occurrence there goes.
    pushed = case when excluded.state = 'deleting' then s.pushed end,
    base = case when excluded.state = 'deleting' then s.base end,
    place = case when excluded.state = 'deleting' then s.place end,
    sent = case when excluded.sent <@ s.sent then s.sent else s.sent || excluded.sent end,
    patient_id = coalesce(excluded.patient_id, s.patient_id), updated_at = now();
  -- What was agreed stays known: an event that was made or ended before and is not sure yet stays so.
  update private.link_states s set
    state = case s.state when 'live' then 'updating' else s.state end,
    sent = case
      when i.description is null or i.description = any (s.sent) then s.sent else s.sent || i.description
    end,
    updated_at = now()
  from unnest(v_items) i
  join public.appointment_external_links l on l.integration_id = p_integration and l.rdv_id = i.rdv_id
  where s.link_id = l.id and i.state = 'updating' and s.state in ('live', 'updating', 'creating', 'deleting');
  return jsonb_build_object('reserved', (select coalesce(jsonb_agg(i.rdv_id), '[]'::jsonb) from unnest(v_items) i));
end
$$;
comment on function public.sync_reserve(uuid, uuid, jsonb) is
  'Service only: announces writes before they are sent, so that a lost answer finds its own event and leaves its '
  'mark, and our own deletion is not taken for a person''s. p_items: Reservation[] of the outbound port ({rdvId, '
  'version, state, calendarId, eventId, epoch, description}); one whose queue row changed or is locked is left out of '
  'the answer.';
grant execute on function public.sync_reserve(uuid, uuid, jsonb) to service_role;

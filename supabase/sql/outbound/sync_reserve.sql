create or replace function public.sync_reserve(p_worker uuid, p_integration uuid, p_items jsonb) returns jsonb
language plpgsql security definer set search_path = '' set statement_timeout = '8s'
set plan_cache_mode = force_generic_plan set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
set enable_material = off set jit = off
as $$
declare
  v_lane private.sync_lanes;
  v_items private.announcement[];
begin
  select * into v_lane from private.sync_lanes l
  where l.integration_id = p_integration
    and l.lease_owner = p_worker -- planted: ignored_lease
    -- The report of the batch before may still be on its way: a pause holds from here on.
    and private.paused(l.organisation_id, l.provider) is null
  for update;
  if not found then
    return jsonb_build_object('reserved', '[]'::jsonb);
  end if;
  v_items := array(
    select row(
      x."rdvId", x.state, x."calendarId", x."eventId", x.epoch, x."targetCalendarId",
      x.description)::private.announcement
    from (
      select * from jsonb_to_recordset(p_items) as given (
        "rdvId" uuid, version bigint, state private.link_state, "calendarId" text, "eventId" text, epoch integer,
        "targetCalendarId" text, description text)
      order by given."rdvId"
    ) x
    -- Each is looked up by its whole key, whatever the planner takes a queue to hold.
    cross join lateral (
      select o.rdv_id from private.sync_outbox o
      where o.integration_id = p_integration and o.rdv_id = x."rdvId" and o.version = x.version
      for update skip locked
    ) q
  );
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
  insert into private.link_states as s (link_id, integration_id, state, target_calendar_id, patient_id, sent)
  select link.id, p_integration, i.state, i.target_calendar_id, r.patient_id, array_remove(array[i.description], null)
  from link
  join unnest(v_items) i on i.rdv_id = link.rdv_id
  left join public.rdv r on r.id = link.rdv_id
  on conflict (link_id) do update set
    state = excluded.state, target_calendar_id = excluded.target_calendar_id,
    -- Of an event that goes it stays known what it was: it may be a series by then, of which only its occurrence goes,
    -- and it may come back.
    pushed = case when excluded.state = 'deleting' then s.pushed end,
    base = case when excluded.state = 'deleting' then s.base end,
    place = case when excluded.state = 'deleting' then s.place end,
    sent = case when excluded.sent <@ s.sent then s.sent else s.sent || excluded.sent end,
    patient_id = coalesce(excluded.patient_id, s.patient_id), updated_at = now();
  -- What was agreed stays known: an event that was made or ended before and is not sure yet stays so.
  update private.link_states s set
    state = case s.state when 'live' then 'updating' else s.state end,
    sent = case
      when v.description is null or v.description = any (s.sent) then s.sent else s.sent || v.description
    end,
    updated_at = now()
  from (
    select l.id, i.description from unnest(v_items) i
    cross join lateral (
      select k.id from public.appointment_external_links k
      where k.rdv_id = i.rdv_id and k.integration_id is not distinct from p_integration
      offset 0
    ) l
    where i.state = 'updating'
    offset 0
  ) v
  where s.link_id = v.id and s.state in ('live', 'updating', 'creating', 'deleting');
  return jsonb_build_object('reserved', (select coalesce(jsonb_agg(i.rdv_id), '[]'::jsonb) from unnest(v_items) i));
end
$$;
comment on function public.sync_reserve(uuid, uuid, jsonb) is
  'Service only: announces writes before they are sent, so that a lost answer finds its own event and leaves its '
  'mark, and our own deletion is not taken for a person''s. p_items: Reservation[] of the outbound port ({rdvId, '
  'version, state, calendarId, targetCalendarId, eventId, epoch, description}); one whose queue row changed or is '
  'locked is left out of the answer; so are all once the team has paused the work.';
grant execute on function public.sync_reserve(uuid, uuid, jsonb) to service_role;

create or replace function public.conflict_resolve(
  p_organisation uuid, p_user uuid, p_id uuid, p_action text, p_observed jsonb, p_seen timestamptz default null
) returns jsonb
language plpgsql security definer set search_path = '' set statement_timeout = '8s'
as $$
declare
  v_now timestamptz := private.clock();
  k public.sync_conflicts;
  r public.rdv;
  l public.appointment_external_links;
  s private.link_states;
  e public.external_events;
  v_content jsonb := p_observed -> 'content';
  -- What nobody can find comes as no value at all.
  v_alive boolean := coalesce(jsonb_typeof(p_observed) = 'object' and p_observed ->> 'status' <> 'cancelled', false);
  v_detail text;
  v_outdated boolean := false;
begin
  -- Appointments come before everything else that is locked, as everywhere; the conflict only says which.
  select * into k from public.sync_conflicts x where x.id = p_id and x.organisation_id = p_organisation
    and exists (select 1 from public.organisation_members m where m.organisation_id = p_organisation and m.user_id = p_user);
  if not found then
    raise exception 'CONFLICT_NOT_FOUND' using errcode = 'P0001';
  end if;
  select * into r from public.rdv x where x.id = k.internal_id and x.organisation_id = p_organisation for update;
  perform 1 from public.rdv x
  where x.organisation_id = p_organisation and x.id in (select p.rdv_id from private.overlap_pairs p where p.conflict_id = p_id)
  order by x.id for update;
  select * into k from public.sync_conflicts x where x.id = p_id for update;
  if k.status <> 'open' then
    if k.resolution is distinct from p_action then
      raise exception 'CONFLICT_CLOSED' using errcode = 'P0001';
    end if;
    return jsonb_build_object('status', k.status, 'resolution', k.resolution, 'outdated', false, 'nudge', false, 'reimport', false);
  end if;
  if p_action not in ('keep_cassius', 'keep_calendar', 'duplicate', 'ignore') or (p_action = 'duplicate' and k.reason = 'mass_change') then
    raise exception 'INVALID_REQUEST' using errcode = 'P0001';
  end if;
  if p_seen is distinct from k.updated_at and p_seen is not null then
    -- Shown anew by a reading in between: what the person decided about is no longer what stands here.
    return jsonb_build_object('status', 'open', 'resolution', null, 'outdated', true, 'nudge', false, 'reimport', false);
  end if;
  select i.event_detail into v_detail from public.calendar_integrations i where i.id = k.integration_id;

  if k.reason = 'mass_change' then
    update private.calendar_cursors c set
      decided_mass = k.payload ->> 'fingerprint', decided_action = p_action, next_poll_at = v_now, failures = 0
    where c.integration_id = k.integration_id and c.calendar_id = k.payload ->> 'calendarId';
  elsif k.reason = 'time_overlap' then
    if not private.decide_overlap(k, p_action) then
      return jsonb_build_object('status', 'open', 'resolution', null, 'outdated', true, 'nudge', false, 'reimport', false);
    end if;
  elsif k.entity_type = 'event' then
    select * into e from public.external_events x
    where x.organisation_id = k.organisation_id and x.external_calendar_id = k.payload ->> 'calendarId' and x.external_event_id = k.external_id
    for update;
    v_outdated := r.id is null or e.id is null or r.updated_at is distinct from (k.payload ->> 'rdvUpdatedAt')::timestamptz
      or e.etag is distinct from k.payload ->> 'etag' or e.status = 'cancelled';
    if v_outdated then
      if r.id is null or e.id is null or e.status = 'cancelled' or r.status not in ('scheduled', 'confirmed') then
        update public.sync_conflicts x set status = 'resolved', resolution = 'vanished', resolved_at = v_now where x.id = k.id;
      else
        update public.sync_conflicts x set payload = x.payload || jsonb_build_object(
          'etag', e.etag, 'rdvUpdatedAt', r.updated_at,
          'cassius', (x.payload -> 'cassius') || jsonb_build_object('time', (x.payload -> 'cassius' -> 'time')
            || jsonb_build_object('startsAt', r.starts_at, 'endsAt', upper(private.period(r.starts_at, r.ends_at)))),
          'calendar', (x.payload -> 'calendar') || jsonb_build_object('time', case
            when e.all_day then jsonb_build_object('kind', 'all_day', 'startDay', e.start_day, 'endDay', e.end_day)
            else jsonb_build_object('kind', 'timed', 'startsAt', e.start_at, 'endsAt', e.end_at, 'timeZone', e.time_zone) end)
        ) where x.id = k.id;
      end if;
      return jsonb_build_object('status', 'open', 'resolution', null, 'outdated', true, 'nudge', false, 'reimport', false);
    end if;
    if p_action = 'keep_calendar' then
      update public.rdv x set starts_at = e.start_at, ends_at = e.end_at, location = e.location, type = private.imported_type(e.summary) where x.id = r.id;
    elsif p_action = 'duplicate' then
      insert into public.rdv (id, organisation_id, practitioner_id, type, notes, location, starts_at, ends_at, status, source)
      values (
        k.id, e.organisation_id, r.practitioner_id, private.imported_type(e.summary), e.description, e.location,
        e.start_at, e.end_at, 'scheduled', e.provider
      )
      on conflict (id) do nothing;
      update public.external_events x set cassius_appointment_id = k.id, became_rdv_at = coalesce(x.became_rdv_at, v_now)
      where x.id = e.id;
    end if;
  else
    select * into l from public.appointment_external_links x where x.integration_id = k.integration_id and x.rdv_id = k.internal_id for update;
    select * into s from private.link_states x where x.link_id = l.id;
    v_outdated := r.id is null or l.id is null or r.updated_at is distinct from (k.payload ->> 'rdvUpdatedAt')::timestamptz
      or (k.reason = 'deleted') = v_alive
      or (k.reason <> 'deleted' and p_observed ->> 'etag' is distinct from k.payload ->> 'etag');
    if v_outdated then
      if r.id is null or l.id is null then
        update public.sync_conflicts x set status = 'resolved', resolution = 'vanished', resolved_at = v_now where x.id = k.id;
      elsif k.reason = 'deleted' and v_alive then
        -- It is back in the calendar: nothing to decide, and the next reading compares.
        perform private.set_link(l.id, 'live', null, s.pushed, s.base, false);
        update public.sync_conflicts x set status = 'resolved', resolution = 'vanished', resolved_at = v_now where x.id = k.id;
        insert into private.import_revisits (integration_id, calendar_id, event_id, since)
        select c.integration_id, c.calendar_id, l.external_event_id, v_now from private.calendar_cursors c
        where c.integration_id = l.integration_id and c.calendar_id = l.external_calendar_id
        on conflict do nothing;
      else
        if not v_alive then
          delete from public.sync_conflicts x
          where x.integration_id = k.integration_id and x.internal_id = k.internal_id and x.reason = 'deleted' and x.status = 'open' and x.id <> k.id;
          perform private.set_link(l.id, 'detached', null, s.pushed, s.base, true);
        end if;
        update public.sync_conflicts x set
          reason = case when v_alive then x.reason else 'deleted' end,
          payload = x.payload || jsonb_build_object(
            'etag', p_observed ->> 'etag', 'rdvUpdatedAt', r.updated_at, 'calendar', case when v_alive then v_content end,
            'cassius', coalesce(x.payload -> 'cassius', '{}'::jsonb) || jsonb_build_object('location', coalesce(r.location, ''), 'time',
              coalesce(x.payload -> 'cassius' -> 'time', '{"kind":"timed"}'::jsonb)
              || jsonb_build_object('startsAt', r.starts_at, 'endsAt', upper(private.period(r.starts_at, r.ends_at)))))
        where x.id = k.id;
      end if;
      return jsonb_build_object('status', 'open', 'resolution', null, 'outdated', true, 'nudge', false, 'reimport', false);
    end if;

    if k.reason = 'deleted' then
      if p_action = 'keep_cassius' then
        perform private.set_link(l.id, 'gone', null, null, null, false);
        perform private.push_again(l.integration_id, array[r.id], 'retry');
      elsif p_action = 'keep_calendar' then
        update public.rdv x set status = 'cancelled' where x.id = r.id and x.status in ('scheduled', 'confirmed');
        perform private.set_link(l.id, 'gone', null, null, null, false);
      else
        perform private.set_link(l.id, 'detached', null, null, null, false);
      end if;
    else
      if p_action = 'keep_calendar' then
        if v_content -> 'time' ->> 'kind' <> 'timed'
          or (v_content -> 'time' ->> 'endsAt')::timestamptz <= (v_content -> 'time' ->> 'startsAt')::timestamptz then
          raise exception 'INVALID_EVENT' using errcode = 'P0001';
        end if;
        update public.rdv x set
          starts_at = (v_content -> 'time' ->> 'startsAt')::timestamptz, ends_at = (v_content -> 'time' ->> 'endsAt')::timestamptz,
          -- An event that shows no place says nothing about it.
          location = case when v_detail = 'busy' then x.location else nullif(v_content ->> 'location', '') end
        where x.id = r.id;
        perform private.set_link(l.id, 'live', p_observed ->> 'etag',
          coalesce(s.pushed, v_content) || jsonb_build_object(
            'time', (v_content -> 'time') || jsonb_build_object('timeZone', coalesce(s.pushed -> 'time' ->> 'timeZone', v_content -> 'time' ->> 'timeZone')),
            'location', v_content -> 'location'
          ), v_content, false);
      elsif p_action = 'ignore' then
        perform private.set_link(l.id, 'live', p_observed ->> 'etag', s.pushed, v_content, false);
      else
        if p_action = 'duplicate' then
          insert into public.rdv (id, organisation_id, practitioner_id, patient_id, type, act, notes, location, starts_at, ends_at, status, source)
          values (
            k.id, r.organisation_id, r.practitioner_id, r.patient_id, r.type, r.act, r.notes, nullif(v_content ->> 'location', ''),
            case when v_content -> 'time' ->> 'kind' = 'timed' then (v_content -> 'time' ->> 'startsAt')::timestamptz else (v_content -> 'time' ->> 'startDay')::timestamptz end,
            case when v_content -> 'time' ->> 'kind' = 'timed' then (v_content -> 'time' ->> 'endsAt')::timestamptz else (v_content -> 'time' ->> 'endDay')::timestamptz end,
            r.status, r.source
          )
          on conflict (id) do nothing;
        end if;
        -- What stands there now is what we pushed, as it were: whatever differs from the appointment is written over it.
        perform private.set_link(l.id, 'live', p_observed ->> 'etag', v_content, v_content, false);
        perform private.push_again(l.integration_id, array[r.id], 'retry');
      end if;
    end if;
  end if;

  update public.sync_conflicts x set
    status = case when p_action = 'ignore' then 'ignored' else 'resolved' end,
    resolution = p_action, resolved_by = p_user, resolved_at = v_now
  where x.id = k.id;
  return jsonb_build_object(
    'status', case when p_action = 'ignore' then 'ignored' else 'resolved' end, 'resolution', p_action, 'outdated', false, 'nudge', false,
    'reimport', k.reason = 'mass_change'
  );
end
$$;
comment on function public.conflict_resolve(uuid, uuid, uuid, text, jsonb, timestamptz) is 'Service only: carries out a decision once; outdated if either side moved, and then the conflict shows the present.';
grant execute on function public.conflict_resolve(uuid, uuid, uuid, text, jsonb, timestamptz) to service_role;

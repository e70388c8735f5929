create or replace function private.forget_patient() returns trigger
language plpgsql security definer set search_path = ''
as $$
declare
  v_now timestamptz := private.clock();
  v_all uuid[];
  v_own uuid[];
  v_events uuid[];
  v_connection record;
begin
  if not exists (select from public.organisations o where o.id = old.organisation_id) then
    return old; -- the whole practice goes
  end if;
  v_all := private.appointments_of_patient(old.organisation_id, old.id);
  -- Appointments first, as everywhere. Their times stay, for the practice's books; what tells of the patient does not.
  perform from public.rdv r where r.id = any (v_all) order by r.id for update;
  with own as (
    update public.rdv r set patient_id = null, act = null, notes = null, location = null,
      type = case when r.source = 'cassius' then 'Rendez-vous' else private.imported_type(null) end
    where r.organisation_id = old.organisation_id and r.patient_id = old.id
    returning r.id
  )
  select coalesce(array_agg(own.id), '{}') into v_own from own;
  for v_connection in
    select i.id, i.provider, array_agg(l.rdv_id) as rdvs
    from public.appointment_external_links l
    join private.link_states s on s.link_id = l.id and private.has_event(s.state)
    join public.calendar_integrations i on i.id = l.integration_id and i.disconnected_at is null
    where l.rdv_id = any (v_all)
    group by i.id order by i.id
  loop
    perform private.enqueue(array_fill(v_connection.id, array[cardinality(v_connection.rdvs)]), v_connection.rdvs,
      old.organisation_id, 'change', null);
    perform private.nudge(v_connection.provider);
  end loop;
  update private.link_states s set
    pushed = null, base = null, updated_at = now(),
    -- Where an appointment is another patient's by now, the export writes that name over the old one, if it runs.
    erase_since = case when private.has_event(s.state)
      and (x.free or not x.exports) then coalesce(s.erase_since, v_now) end
  from (
    select l.id, r.patient_id is null as free,
      i.export_enabled and i.disconnected_at is null and i.removing_events_since is null as exports
    from public.appointment_external_links l
    join public.calendar_integrations i on i.id = l.integration_id
    left join public.rdv r on r.id = l.rdv_id
    where l.rdv_id = any (v_all)
  ) x
  where s.link_id = x.id;
  update private.left_events e set erase_since = coalesce(e.erase_since, v_now)
  where e.organisation_id = old.organisation_id and (e.patient_id = old.id or e.rdv_id = any (v_all));
  update public.sync_conflicts k set
    status = case when k.status = 'open' then 'ignored' else k.status end, resolution = 'erased',
    resolved_at = coalesce(k.resolved_at, v_now)
  where k.organisation_id = old.organisation_id and k.internal_id = any (v_all);
  select array_agg(e.id) into v_events from public.external_events e
  where e.organisation_id = old.organisation_id and (e.id = any (v_own) or e.cassius_appointment_id = any (v_own));
  perform private.forget_event_text(v_events, false);
  update public.external_events e set erased_at = v_now where e.id = any (v_events);
  update private.import_staging s set title = '', description = '', location = '', attendees = '[]'::jsonb
  from private.import_runs run
  where run.organisation_id = old.organisation_id and s.run_id = run.id and (
    s.marker ->> 'appointmentId' = any (v_all::text[])
    or exists (
      select from public.appointment_external_links l
      where l.integration_id = run.integration_id and l.external_event_id = s.event_id and l.rdv_id = any (v_all)
    )
    or exists (
      select from public.external_events e
      where e.id = any (v_events) and e.external_calendar_id = run.calendar_id and e.external_event_id = s.event_id
    )
  );
  return old;
end
$$;
comment on function private.forget_patient() is
  'Before-row trigger: a deleted patient leaves every copy: appointments, links, conflicts, staging; their events are '
  'queued for removal.';

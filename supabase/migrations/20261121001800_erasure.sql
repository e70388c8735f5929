-- What must be forgotten: a patient who is erased, an event that became private, a question that is answered.
--
-- The rules stand in triggers, so that they hold whichever function or person writes, and a plain delete does the same
-- as `erase_patient`. What is kept for how long is tabled in docs/privacy.md, which a test compares with this schema.

create function private.conflict_facts(p_payload jsonb, p_keep_place boolean) returns jsonb
language sql immutable set search_path = ''
as $$
  select coalesce(jsonb_object_agg(e.key, case
    when e.key in ('cassius', 'calendar', 'base') and jsonb_typeof(e.value) = 'object' then jsonb_strip_nulls(jsonb_build_object(
      'time', e.value -> 'time', 'location', case when p_keep_place and e.key = 'cassius' then e.value -> 'location' end))
    else e.value
  end), '{}'::jsonb)
  from jsonb_each(p_payload) e
  where e.key in ('calendarId', 'eventId', 'etag', 'rdvUpdatedAt', 'fields', 'changedBy', 'flapping', 'key', 'fingerprint',
    'known', 'unchecked', 'cancelled', 'moved', 'count', 'events', 'appointments')
    or (e.key in ('cassius', 'calendar', 'base') and jsonb_typeof(e.value) in ('object', 'null'));
$$;
comment on function private.conflict_facts(jsonb, boolean) is
  'A conflict''s payload without any text: ids, times, counts; p_keep_place: and where the appointment was.';

create function private.limit_conflict() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  if new.status = 'open' and exists (
    select from public.appointment_external_links l
    join private.link_states s on s.link_id = l.id and s.erase_since is not null
    where l.integration_id = new.integration_id and l.rdv_id = new.internal_id
  ) then
    -- A worker read the appointment before its patient was erased.
    new.status := 'ignored';
    new.resolution := 'erased';
    new.resolved_at := private.clock();
  end if;
  if new.status <> 'open' then
    -- A person's decision about an appointment of ours can be undone for a while; of others' events no text stays.
    new.payload := private.conflict_facts(new.payload,
      new.entity_type = 'appointment' and new.resolution in ('keep_cassius', 'keep_calendar', 'duplicate', 'ignore')
        and new.resolved_at > private.clock() - interval '30 days');
  end if;
  return new;
end
$$;
comment on function private.limit_conflict() is
  'Before-row trigger: a closed conflict keeps ids and times; nothing is asked about an appointment whose patient is erased.';
create trigger sync_conflicts_limit before insert or update on public.sync_conflicts
  for each row execute function private.limit_conflict();

create function private.keep_erased() returns trigger
language plpgsql set search_path = ''
as $$
begin
  if new.presence in ('gone', 'detached') then
    new.erase_since := null;
    new.patient_id := null;
  end if;
  if old.erase_since is not null then
    new.pushed := null;
    new.base := null;
    new.fingerprint := null;
  end if;
  return new;
end
$$;
comment on function private.keep_erased() is
  'Before-row trigger: a link to be erased takes no content again, and is one no longer once its event is gone.';
create trigger link_states_keep_erased before update on private.link_states
  for each row when (old.erase_since is not null or (new.presence in ('gone', 'detached') and new.patient_id is not null))
  execute function private.keep_erased();

create function private.withhold_event_text() returns trigger
language plpgsql set search_path = ''
as $$
begin
  new.summary := null;
  new.description := null;
  new.location := null;
  new.attendees := '[]'::jsonb;
  new.html_link := null;
  return new;
end
$$;
comment on function private.withhold_event_text() is
  'Before-row trigger: of an event that is private, cancelled or made of an erased patient''s appointment only the time is kept.';
create trigger external_events_withhold before insert or update on public.external_events
  for each row when (
    (new.visibility = 'private' or new.status = 'cancelled' or new.erased_at is not null)
    and (num_nonnulls(new.summary, new.description, new.location, new.html_link) > 0 or new.attendees <> '[]'::jsonb)
  )
  execute function private.withhold_event_text();

create function private.forget_event_text(p_events uuid[], p_appointments boolean) returns void
language plpgsql security definer set search_path = ''
as $$
declare
  v_known constant jsonb := '{"title": null, "location": "", "description": ""}';
begin
  if coalesce(cardinality(p_events), 0) = 0 then
    return;
  end if;
  if p_appointments then
    update public.rdv r set type = n.type, notes = n.notes, location = n.location
    from (
      select x.id,
        case when x.type = private.imported_type(e.summary) then private.imported_type(null) else x.type end as type,
        case when x.notes is distinct from e.description then x.notes end as notes,
        case when x.location is distinct from e.location then x.location end as location
      from public.external_events e
      join public.rdv x on x.organisation_id = e.organisation_id and x.source <> 'cassius' and x.id in (
        select e.id union all select e.cassius_appointment_id union all
        select k.id from public.sync_conflicts k where k.integration_id = e.integration_id and k.external_id = e.external_event_id
      )
      where e.id = any (p_events)
    ) n
    where r.id = n.id and (r.type, r.notes, r.location) is distinct from (n.type, n.notes, n.location);
  end if;
  update public.sync_conflicts k set payload = k.payload
    || case when jsonb_typeof(k.payload -> 'calendar') = 'object'
      then jsonb_build_object('calendar', k.payload -> 'calendar' || v_known) else '{}'::jsonb end
    || case when jsonb_typeof(k.payload -> 'base') = 'object'
      then jsonb_build_object('base', k.payload -> 'base' || v_known) else '{}'::jsonb end
    || case when jsonb_typeof(k.payload -> 'cassius') = 'object' then jsonb_build_object('cassius', k.payload -> 'cassius'
      || jsonb_build_object('title', r.type, 'location', coalesce(r.location, ''), 'description', '')) else '{}'::jsonb end
  from public.external_events e, public.rdv r
  where e.id = any (p_events) and k.integration_id = e.integration_id and k.external_id = e.external_event_id
    and k.entity_type = 'event' and k.status = 'open' and r.id = k.internal_id;
  update public.sync_conflicts k set payload = jsonb_set(k.payload, '{sample}', (
    select coalesce(jsonb_agg(
      case when s ->> 'eventId' in (
        select e.external_event_id from public.external_events e where e.id = any (p_events)
      ) then s || '{"summary": null}' else s end order by n), '[]'::jsonb)
    from jsonb_array_elements(k.payload -> 'sample') with ordinality as x (s, n)
  ))
  where k.reason = 'mass_change' and k.status = 'open' and jsonb_typeof(k.payload -> 'sample') = 'array'
    and k.integration_id in (select e.integration_id from public.external_events e where e.id = any (p_events));
  update public.external_events e set
    summary = null, description = null, location = null, attendees = '[]'::jsonb, html_link = null
  where e.id = any (p_events);
  perform private.show_overlaps(array(
    select distinct k.id from public.external_events e
    join private.overlap_pairs o on o.event_id = e.external_event_id
    join public.sync_conflicts k on k.id = o.conflict_id and k.integration_id = e.integration_id
    where e.id = any (p_events) and k.status = 'open'
  ));
  -- An answer that waits for its person names what was in the calendar.
  delete from private.import_requests q
  where q.answered_at is not null
    and q.integration_id in (select e.integration_id from public.external_events e where e.id = any (p_events));
end
$$;
comment on function private.forget_event_text(uuid[], boolean) is
  'Takes the text of events of others out of every copy. p_appointments: out of appointments made of them too, where it is still the event''s own.';

create function private.forget_private_events(c private.calendar_cursors) returns void
language plpgsql security definer set search_path = ''
as $$
declare
  v_events uuid[];
begin
  select array_agg(e.id) into v_events
  from private.import_staging s
  join public.external_events e
    on e.organisation_id = c.organisation_id and e.external_calendar_id = c.calendar_id and e.external_event_id = s.event_id
  where s.run_id = c.run_id and s.visibility = 'private' and e.visibility <> 'private';
  if v_events is null then
    return;
  end if;
  perform private.forget_event_text(v_events, true);
  update public.external_events e set visibility = 'private' where e.id = any (v_events);
end
$$;
comment on function private.forget_private_events(private.calendar_cursors) is
  'Events of others that this reading found private now: their text goes at once, whatever else the run does.';

create function private.drop_staging() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  delete from private.import_staging s where s.run_id = old.run_id;
  return null;
end
$$;
comment on function private.drop_staging() is 'After-row trigger: what a run has read goes with the calendar that it was read from.';
create trigger calendar_cursors_drop_staging after delete on private.calendar_cursors
  for each row when (old.run_id is not null) execute function private.drop_staging();

create function private.close_left_calendar() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  update public.sync_conflicts k set status = 'ignored', resolution = 'calendar_changed', resolved_at = private.clock()
  where k.integration_id = new.id and k.status = 'open' and k.entity_type = 'event'
    and k.payload ->> 'calendarId' = old.calendar_source_id;
  return null;
end
$$;
comment on function private.close_left_calendar() is
  'After-row trigger: questions about other people''s events go with the calendar that is read no longer.';
create trigger calendar_integrations_left_calendar after update of calendar_source_id on public.calendar_integrations
  for each row when (old.calendar_source_id is not null and old.calendar_source_id is distinct from new.calendar_source_id)
  execute function private.close_left_calendar();

create function private.resume_erasures(p_integration uuid) returns void
language plpgsql security definer set search_path = ''
as $$
declare
  v record;
begin
  for v in
    select i.id, i.organisation_id, i.provider, array_agg(l.rdv_id) as rdvs
    from private.link_states s
    join public.appointment_external_links l on l.id = s.link_id
    join public.calendar_integrations i on i.id = l.integration_id
    left join private.sync_outbox o on o.integration_id = l.integration_id and o.rdv_id = l.rdv_id
    where s.erase_since is not null and i.disconnected_at is null and (p_integration is null or i.id = p_integration)
      and (o.rdv_id is null or o.parked_at < private.clock() - interval '20 hours')
    group by i.id order by i.id
  loop
    perform private.enqueue(array_fill(v.id, array[cardinality(v.rdvs)]), v.rdvs, v.organisation_id, false, false, null);
    perform private.nudge(v.provider);
  end loop;
end
$$;
comment on function private.resume_erasures(uuid) is
  'Queues events of erased patients again: after reconnecting, after the export was switched off, and every night what was refused.';

create table private.left_events (
  organisation_id uuid not null references public.organisations (id) on delete cascade,
  provider text not null,
  account_id text not null,
  account_email text,
  calendar_id text not null,
  event_id text not null,
  rdv_id uuid not null,
  epoch integer not null,
  patient_id uuid,
  erase_since timestamptz,
  left_at timestamptz not null,
  primary key (organisation_id, provider, account_id, calendar_id, event_id)
);
comment on table private.left_events is
  'Events of ours in an account that was exchanged for another, or whose user was deleted: found again if that account comes back.';
create index left_events_rdv on private.left_events (rdv_id);
create index left_events_patient on private.left_events (patient_id) where patient_id is not null;
alter table private.left_events enable row level security;
revoke all on private.left_events from public, anon, authenticated, service_role;

create function private.leave_event() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  insert into private.left_events (
    organisation_id, provider, account_id, account_email, calendar_id, event_id, rdv_id, epoch, patient_id, erase_since, left_at
  )
  select i.organisation_id, i.provider, i.account_id, i.account_email, old.external_calendar_id, old.external_event_id,
    old.rdv_id, old.epoch, s.patient_id, s.erase_since, private.clock()
  from private.link_states s
  join public.calendar_integrations i on i.id = old.integration_id
  join public.organisations o on o.id = i.organisation_id
  where s.link_id = old.id and s.presence in ('live', 'reserved') and old.external_calendar_id is not null
  on conflict do nothing;
  return old;
end
$$;
comment on function private.leave_event() is 'Before-row trigger: a link that goes before its event leaves the event''s id behind.';
create trigger appointment_external_links_leave before delete on public.appointment_external_links
  for each row when (old.external_event_id is not null) execute function private.leave_event();

create function private.find_left_events() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  with back as (
    insert into public.appointment_external_links (
      organisation_id, rdv_id, integration_id, provider, external_calendar_id, external_event_id, epoch, sync_status
    )
    select e.organisation_id, e.rdv_id, new.id, e.provider, e.calendar_id, e.event_id, e.epoch, 'synced'
    from private.left_events e
    where e.organisation_id = new.organisation_id and e.provider = new.provider and e.account_id = new.account_id
    on conflict do nothing
    returning id, external_calendar_id, external_event_id
  ), taken as (
    delete from private.left_events e using back b
    where e.organisation_id = new.organisation_id and e.provider = new.provider and e.account_id = new.account_id
      and e.calendar_id = b.external_calendar_id and e.event_id = b.external_event_id
    returning b.id, e.patient_id, e.erase_since
  )
  insert into private.link_states (link_id, presence, patient_id, erase_since)
  select t.id, 'live', t.patient_id, t.erase_since from taken t;
  perform private.resume_erasures(new.id);
  return null;
end
$$;
comment on function private.find_left_events() is
  'After-row trigger: an account that is connected again has its events again, and what could not be erased meanwhile is erased now.';
create trigger calendar_integrations_found after insert on public.calendar_integrations
  for each row when (new.disconnected_at is null) execute function private.find_left_events();
create trigger calendar_integrations_returned after update of disconnected_at, account_id on public.calendar_integrations
  for each row when (
    new.disconnected_at is null and (old.disconnected_at is not null or old.account_id is distinct from new.account_id)
  )
  execute function private.find_left_events();

create function private.appointments_of_patient(p_organisation uuid, p_patient uuid) returns uuid[]
language sql stable security definer set search_path = ''
as $$
  select coalesce(array_agg(distinct x.id), '{}')
  from (
    select r.id from public.rdv r where r.organisation_id = p_organisation and r.patient_id = p_patient
    union all
    select l.rdv_id from private.link_states s
    join public.appointment_external_links l on l.id = s.link_id
    where s.patient_id = p_patient and l.organisation_id = p_organisation
  ) x;
$$;
comment on function private.appointments_of_patient(uuid, uuid) is
  'Appointments of a patient, and those whose events show one although they are deleted or another''s by now.';

create function private.forget_patient() returns trigger
language plpgsql security definer set search_path = ''
as $$
declare
  v_now timestamptz := private.clock();
  v_all uuid[];
  v_own uuid[];
  v_events uuid[];
  v record;
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
  for v in
    select i.id, i.provider, array_agg(l.rdv_id) as rdvs
    from public.appointment_external_links l
    join private.link_states s on s.link_id = l.id and s.presence in ('live', 'reserved')
    join public.calendar_integrations i on i.id = l.integration_id and i.disconnected_at is null
    where l.rdv_id = any (v_all)
    group by i.id order by i.id
  loop
    perform private.enqueue(array_fill(v.id, array[cardinality(v.rdvs)]), v.rdvs, old.organisation_id, false, false, null);
    perform private.nudge(v.provider);
  end loop;
  update private.link_states s set
    pushed = null, base = null, fingerprint = null, updated_at = now(),
    -- Where an appointment is somebody else's by now, the export writes that name over the old one, if it runs.
    erase_since = case when s.presence in ('live', 'reserved') and (x.free or not x.exports) then coalesce(s.erase_since, v_now) end
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
  from private.calendar_cursors c
  where c.organisation_id = old.organisation_id and s.run_id = c.run_id and (
    s.marker ->> 'appointmentId' = any (v_all::text[])
    or exists (
      select from public.appointment_external_links l
      where l.integration_id = c.integration_id and l.external_event_id = s.event_id and l.rdv_id = any (v_all)
    )
    or exists (
      select from public.external_events e
      where e.id = any (v_events) and e.external_calendar_id = c.calendar_id and e.external_event_id = s.event_id
    )
  );
  return old;
end
$$;
comment on function private.forget_patient() is
  'Before-row trigger: a deleted patient leaves every copy: appointments, links, conflicts, staging; their events are queued for removal.';
create trigger patients_forget before delete on public.patients
  for each row execute function private.forget_patient();

create function private.unreachable(i public.calendar_integrations) returns text
language sql immutable set search_path = ''
as $$
  select case
    when i.disconnected_at is not null then 'NOT_CONNECTED'
    when i.status = 'reconnect_required' then 'NEED_RECONSENT'
    when i.status <> 'connected' then coalesce(i.last_error ->> 'code', 'SYNC_FAILED')
  end;
$$;
comment on function private.unreachable(public.calendar_integrations) is
  'Why nothing can be removed from an account now, as an error code; null if it can.';

create function public.erase_patient(p_patient uuid) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_organisation uuid;
  v_all uuid[];
  v_appointments integer;
  v_report jsonb;
begin
  select p.organisation_id into v_organisation from public.patients p
  where p.id = p_patient and p.organisation_id in (select private.my_organisations())
  for update;
  if not found then
    raise exception 'Erase patient: there is none of that id in a practice of yours' using errcode = '42501';
  end if;
  v_all := private.appointments_of_patient(v_organisation, p_patient);
  select count(*) into v_appointments from public.rdv r
  where r.organisation_id = v_organisation and r.patient_id = p_patient;
  delete from public.patients p where p.id = p_patient;
  with event as (
    select i.provider, i.account_email, private.unreachable(i) as reason
    from public.appointment_external_links l
    join private.link_states s on s.link_id = l.id and s.erase_since is not null
    join public.calendar_integrations i on i.id = l.integration_id
    where l.rdv_id = any (v_all)
    union all
    select e.provider, e.account_email, 'NOT_CONNECTED' from private.left_events e
    where e.organisation_id = v_organisation and e.erase_since is not null
      and (e.patient_id = p_patient or e.rdv_id = any (v_all))
  ), kept as (
    select e.provider, e.account_email, e.reason, count(*) as events
    from event e where e.reason is not null group by 1, 2, 3
  )
  select jsonb_build_object(
    'appointments', v_appointments,
    'eventsToRemove', (select count(*) from event e where e.reason is null),
    'unreachable', (
      select coalesce(jsonb_agg(jsonb_build_object(
        'provider', k.provider, 'accountEmail', k.account_email, 'events', k.events, 'reason', k.reason
      ) order by k.provider, k.account_email), '[]'::jsonb) from kept k
    )
  ) into v_report;
  return v_report;
end
$$;
comment on function public.erase_patient(uuid) is
  'A member erases a patient of their practice: {appointments, eventsToRemove, unreachable: [{provider, accountEmail, events, reason}]}.';

revoke execute on all functions in schema private from public;
grant execute on function private.my_organisations(), private.my_administered_organisations() to authenticated;
grant execute on function private.period(timestamptz, timestamptz) to authenticated, service_role;
revoke execute on function public.erase_patient(uuid) from public, anon;
grant execute on function public.erase_patient(uuid) to authenticated;

create or replace function private.forget_event_text(p_events uuid[], p_appointments boolean) returns void
language plpgsql security definer set search_path = ''
as $$
declare
  v_known constant jsonb := '{"title": null, "location": "", "description": ""}'::jsonb;
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
        select k.id from public.sync_conflicts k
        where k.integration_id = e.integration_id and k.external_id = e.external_event_id
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
    || case when jsonb_typeof(k.payload -> 'cassius') = 'object' then jsonb_build_object('cassius',
      k.payload -> 'cassius'
      || jsonb_build_object('title', r.type, 'location', coalesce(r.location, ''), 'description', ''))
        else '{}'::jsonb end
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
  'Takes the text of events of others out of every copy. p_appointments: out of appointments made of them too, where '
  'it is still the event''s own.';

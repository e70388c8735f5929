create or replace function public.conflict_resolve(p_organisation uuid, p_user uuid, p_id uuid, p_settlement jsonb)
returns jsonb
language plpgsql security definer set search_path = '' set statement_timeout = '8s'
as $$
declare
  settlement private.settlement := jsonb_populate_record(null::private.settlement, p_settlement);
  question public.sync_conflicts;
  v_link uuid;
  v_event uuid;
begin
  question := private.lock_question(p_organisation, p_user, p_id);
  if question.id is null then
    raise exception 'CONFLICT_NOT_FOUND' using errcode = 'P0001';
  end if;
  select l.id into v_link from public.appointment_external_links l
  where question.entity_type = 'appointment' and l.integration_id = question.integration_id
    and l.rdv_id = question.internal_id
  for update;
  select e.id into v_event from public.external_events e
  where question.entity_type = 'event' and e.organisation_id = question.organisation_id
    and e.external_calendar_id = question.payload ->> 'calendarId' and e.external_event_id = question.external_id
  for update;
  if not private.is_unmoved(question, v_link, v_event, settlement) then
    return '{"moved": true, "outdated": false}';
  end if;
  if question.reason = 'time_overlap' and not private.decide_overlap(question, settlement.resolution) then
    return '{"moved": false, "outdated": true}';
  end if;

  if settlement.rdv is distinct from null then
    update public.rdv r set
      type = (settlement.rdv).type, location = (settlement.rdv).location, starts_at = (settlement.rdv).starts_at,
      ends_at = (settlement.rdv).ends_at, status = (settlement.rdv).status
    where r.id = question.internal_id;
  end if;
  if settlement.duplicate is distinct from null then
    perform private.book_duplicate(question, settlement.duplicate, v_event);
  end if;
  if settlement.link is distinct from null then
    perform private.set_link(v_link, settlement);
  end if;
  if settlement.push then
    perform private.push_again(question.integration_id, array[question.internal_id], 'retry');
  end if;
  if settlement.revisit then
    insert into private.import_revisits (integration_id, calendar_id, event_id, since)
    select c.integration_id, c.calendar_id, l.external_event_id, private.clock()
    from public.appointment_external_links l
    join private.calendar_cursors c on c.integration_id = l.integration_id and c.calendar_id = l.external_calendar_id
    where l.id = v_link
    on conflict do nothing;
  end if;
  if question.reason = 'mass_change' then
    update private.calendar_cursors c set next_poll_at = private.clock(), failures = 0
    where c.integration_id = question.integration_id and c.calendar_id = question.payload ->> 'calendarId';
  end if;
  if settlement.reason <> question.reason then
    -- It becomes another question, which may be asked already.
    delete from public.sync_conflicts k
    where k.integration_id = question.integration_id and k.internal_id = question.internal_id
      and k.reason = settlement.reason and k.status = 'open' and k.id <> question.id;
  end if;
  update public.sync_conflicts k set
    status = settlement.status, resolution = settlement.resolution, reason = settlement.reason,
    payload = settlement.payload,
    resolved_by = case when settlement.status <> 'open' and settlement.resolution <> 'vanished' then p_user end,
    resolved_at = case when settlement.status <> 'open' then private.clock() end
  where k.id = question.id;
  return '{"moved": false, "outdated": false}';
end
$$;
comment on function public.conflict_resolve(uuid, uuid, uuid, jsonb) is
  'Service only: carries out a decision about a conflict. p_settlement: private.settlement as JSON. Gives {moved, outdated}. '
  'moved: something is no longer as it was judged, and nothing was written; outdated: what an overlap is about has moved, '
  'and the question shows the present.';
grant execute on function public.conflict_resolve(uuid, uuid, uuid, jsonb) to service_role;

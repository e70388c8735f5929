create or replace function public.conflict_resolve(p_organisation uuid, p_user uuid, p_id uuid, p_settlement jsonb)
returns jsonb
language plpgsql security definer set search_path = '' set statement_timeout = '8s'
as $$
declare
  v_settlement private.settlement := jsonb_populate_record(null::private.settlement, p_settlement);
  v_question public.sync_conflicts;
  v_before private.decisions;
  v_link uuid;
  v_event uuid;
begin
  v_question := private.lock_question(p_organisation, p_user, p_id);
  if v_question.id is null then
    raise exception 'CONFLICT_NOT_FOUND' using errcode = 'P0001';
  end if;
  -- Links come after the queue, to which the appointment's triggers write below; the lock of the queue row keeps
  -- workers away.
  select l.id into v_link from public.appointment_external_links l
  where v_question.entity_type = 'appointment' and l.integration_id = v_question.integration_id
    and l.rdv_id = v_question.internal_id;
  select e.id into v_event from public.external_events e
  where v_question.entity_type = 'event' and e.organisation_id = v_question.organisation_id
    and e.external_calendar_id = v_question.payload ->> 'calendarId' and e.external_event_id = v_question.external_id
  for update;
  if not private.is_unmoved(v_question, v_link, v_event, v_settlement) then
    return '{"moved": true, "outdated": false}'::jsonb;
  end if;
  v_before := private.before_decision(v_question, v_link);
  if v_question.reason = 'time_overlap' and not private.decide_overlap(v_question, v_settlement.resolution) then
    return '{"moved": false, "outdated": true}'::jsonb;
  end if;

  if v_settlement.rdv is distinct from null then
    update public.rdv r set
      type = (v_settlement.rdv).type, location = (v_settlement.rdv).location, starts_at = (v_settlement.rdv).starts_at,
      ends_at = (v_settlement.rdv).ends_at, status = (v_settlement.rdv).status
    where r.id = v_question.internal_id;
  end if;
  if v_settlement.duplicate is distinct from null then
    perform private.book_duplicate(v_question, v_settlement.duplicate, v_event);
  end if;
  if v_settlement.former is distinct from null then
    update private.former_events f set
      etag = (v_settlement.former).etag,
      ends_since = case when (v_settlement.former).ends then private.clock() end
    where f.integration_id = v_question.integration_id and f.calendar_id = v_question.payload ->> 'calendarId'
      and f.event_id = v_question.external_id;
  end if;
  if v_settlement.push then
    perform private.push_again(v_question.integration_id, array[v_question.internal_id], 'retry');
  end if;
  if v_settlement.link is distinct from null then
    perform private.set_link(v_link, v_settlement.link, v_settlement.status = 'open');
  end if;
  if v_settlement.revisit then
    insert into private.import_revisits (integration_id, calendar_id, event_id, since)
    select c.integration_id, c.calendar_id, l.external_event_id, private.clock()
    from public.appointment_external_links l
    join private.calendar_cursors c on c.integration_id = l.integration_id and c.calendar_id = l.external_calendar_id
    where l.id = v_link
    on conflict do nothing;
  end if;
  if v_question.reason = 'mass_change' then
    update private.calendar_cursors c set next_poll_at = private.clock(), failures = 0
    where c.integration_id = v_question.integration_id and c.calendar_id = v_question.payload ->> 'calendarId';
  end if;
  if v_settlement.reason <> v_question.reason then
    -- It becomes another question, which may be asked already.
    delete from public.sync_conflicts k
    where k.integration_id = v_question.integration_id and k.internal_id = v_question.internal_id
      and k.reason = v_settlement.reason and k.status = 'open' and k.id <> v_question.id;
  end if;
  update public.sync_conflicts k set
    status = v_settlement.status, resolution = v_settlement.resolution, reason = v_settlement.reason,
    payload = v_settlement.payload,
    resolved_by = case when v_settlement.status <> 'open' and v_settlement.resolution <> 'vanished' then p_user end,
    resolved_at = case when v_settlement.status <> 'open' then private.clock() end
  where k.id = v_question.id;
  if v_settlement.status <> 'open' and v_settlement.resolution <> 'vanished' then
    perform private.keep_decision(v_before);
  end if;
  return '{"moved": false, "outdated": false}'::jsonb;
end
$$;
comment on function public.conflict_resolve(uuid, uuid, uuid, jsonb) is
  'Service only: carries out a decision about a conflict. p_settlement: private.settlement as JSON. Gives {moved, '
  'outdated}. moved: something is no longer as it was judged, and nothing was written; outdated: what an overlap is '
  'about has moved, and the question shows the present.';
grant execute on function public.conflict_resolve(uuid, uuid, uuid, jsonb) to service_role;

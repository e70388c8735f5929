create or replace function public.conflict_undo(p_organisation uuid, p_user uuid, p_id uuid, p_undoing jsonb)
returns jsonb
language plpgsql security definer set search_path = '' set statement_timeout = '8s'
as $$
declare
  v_undoing private.undoing := jsonb_populate_record(null::private.undoing, p_undoing);
  v_question public.sync_conflicts;
  v_decision private.decisions;
  v_connection public.calendar_integrations;
  v_link uuid;
begin
  v_question := private.lock_decision(p_organisation, p_user, p_id);
  if v_question.id is null then
    raise exception 'CONFLICT_NOT_FOUND' using errcode = 'P0001';
  end if;
  select * into v_decision from private.decisions d where d.conflict_id = p_id;
  select * into v_connection from public.calendar_integrations i where i.id = v_question.integration_id;
  select l.id into v_link from public.appointment_external_links l
  where v_question.entity_type = 'appointment' and l.integration_id = v_question.integration_id
    and l.rdv_id = v_question.internal_id;
  if v_question.status = 'open' or v_decision.conflict_id is null
    or v_question.updated_at <> v_undoing.question_updated_at
    or (v_link is null) <> (v_undoing.epoch is null)
    or v_link is not null and not exists (
      select from public.appointment_external_links l join private.link_states s on s.link_id = l.id
      where l.id = v_link and l.epoch = v_undoing.epoch and l.etag is not distinct from v_undoing.link_etag
        and s.state = v_undoing.link_state
    )
  then
    return '{"moved": true}'::jsonb;
  end if;
  if not private.decision_stands(v_question, v_decision) or v_undoing.writes and not v_connection.export_enabled then
    raise exception 'UNDO_OVERTAKEN' using errcode = 'P0001';
  elsif (v_undoing.link).state = 'deleting' and exists (
    select from private.sync_outbox o
    where o.integration_id = v_question.integration_id and o.rdv_id = v_question.internal_id
  ) then
    raise exception 'UNDO_TOO_EARLY' using errcode = 'P0001';
  elsif v_undoing.writes and private.paused(v_connection.organisation_id, v_connection.provider) is not null then
    raise exception 'SYNC_PAUSED' using errcode = 'P0001';
  end if;

  perform private.put_back(v_decision);
  if v_decision.former is not null then
    update private.former_events f set etag = v_decision.former ->> 'etag', ends_since = null
    where f.integration_id = v_question.integration_id and f.calendar_id = v_question.payload ->> 'calendarId'
      and f.event_id = v_question.external_id;
  end if;
  if v_undoing.link is distinct from null then
    if (v_undoing.link).state <> 'deleting' then
      -- The version that a worker has read does not count any more, and no import judges what waits.
      perform private.push_again(v_question.integration_id, array[v_question.internal_id], 'change');
    end if;
    perform private.set_link(v_link, v_undoing.link, true);
  end if;
  delete from private.decisions d where d.conflict_id = p_id;
  update public.sync_conflicts k set
    status = 'open', resolution = null, resolved_by = null, resolved_at = null,
    payload = v_decision.payload
      || case when v_undoing.etag is not null then jsonb_build_object('etag', v_undoing.etag) else '{}'::jsonb end
      || coalesce((
        select jsonb_build_object('rdvUpdatedAt', r.updated_at) from public.rdv r
        where r.id = k.internal_id and v_decision.payload ? 'rdvUpdatedAt'
      ), '{}'::jsonb)
  where k.id = p_id
  returning * into v_question;
  if v_question.reason = 'time_overlap' then
    if private.overlap_payload(v_question) ->> 'fingerprint' is distinct from v_question.payload ->> 'fingerprint' then
      raise exception 'UNDO_OVERTAKEN' using errcode = 'P0001';
    end if;
    perform private.show_overlaps(array[p_id]);
  end if;
  return '{"moved": false}'::jsonb;
end
$$;
comment on function public.conflict_undo(uuid, uuid, uuid, jsonb) is
  'Service only: takes a decision about a conflict back and opens the question again. p_undoing: private.undoing as '
  'JSON. Gives {moved}: the question or its link is no longer as it was judged, and nothing was written. Raises '
  'CONFLICT_NOT_FOUND, UNDO_OVERTAKEN, UNDO_TOO_EARLY or SYNC_PAUSED.';
grant execute on function public.conflict_undo(uuid, uuid, uuid, jsonb) to service_role;

create or replace function private.set_link(p_link uuid, p_to private.settled_link, p_asked boolean) returns void
language sql security definer set search_path = ''
as $$
  update public.appointment_external_links l set
    external_calendar_id = coalesce(p_to.calendar_id, l.external_calendar_id),
    external_event_id = coalesce(p_to.event_id, l.external_event_id), epoch = coalesce(p_to.epoch, l.epoch),
    etag = p_to.etag, last_error = null, drifted_at = null, updated_at = now(),
    sync_status = private.sync_status(p_to.state, exists (
      select from private.sync_outbox o
      where o.integration_id = l.integration_id and o.rdv_id = l.rdv_id and o.parked_at is null
    ), p_asked)
  where l.id = p_link;
  update private.link_states s set
    state = p_to.state, pushed = p_to.pushed, base = p_to.base,
    applied_count = 0, applied_since = null, updated_at = now()
  where s.link_id = p_link;
$$;
comment on function private.set_link(uuid, private.settled_link, boolean) is
  'Puts a link into the state that a decision asks for. p_asked: a question about it is still open.';

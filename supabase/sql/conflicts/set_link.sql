create or replace function private.set_link(
  p_link uuid, p_state private.link_state, p_etag text, p_pushed jsonb, p_base jsonb, p_asked boolean
) returns void
language sql security definer set search_path = ''
as $$
  update public.appointment_external_links l set
    etag = p_etag, last_error = null, drifted_at = null, updated_at = now(),
    sync_status = private.sync_status(p_state, exists (
      select from private.sync_outbox o
      where o.integration_id = l.integration_id and o.rdv_id = l.rdv_id and o.parked_at is null
    ), p_asked)
  where l.id = p_link;
  update private.link_states s set
    state = p_state, pushed = p_pushed, base = p_base, applied_count = 0, applied_since = null, updated_at = now()
  where s.link_id = p_link;
$$;
comment on function private.set_link(uuid, private.link_state, text, jsonb, jsonb, boolean) is
  'Puts a link into the state that a decision asks for. p_asked: a question about it is still open.';

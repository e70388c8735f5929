create or replace function private.set_link(p_link uuid, p_presence text, p_etag text, p_pushed jsonb, p_base jsonb, p_status text) returns void
language sql security definer set search_path = ''
as $$
  update public.appointment_external_links l set
    etag = p_etag, sync_status = p_status, last_error = null, drifted_at = null, updated_at = now()
  where l.id = p_link;
  update private.link_states s set presence = p_presence, pushed = p_pushed, base = p_base, applied_count = 0, applied_since = null, updated_at = now()
  where s.link_id = p_link;
$$;
comment on function private.set_link(uuid, text, text, jsonb, jsonb, text) is 'Puts a link into the state that a decision asks for.';

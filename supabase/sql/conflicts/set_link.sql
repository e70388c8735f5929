create or replace function private.set_link(p_link uuid, settlement private.settlement) returns void
language sql security definer set search_path = ''
as $$
  update public.appointment_external_links l set
    etag = (settlement.link).etag, last_error = null, drifted_at = null, updated_at = now(),
    sync_status = private.sync_status((settlement.link).state, exists (
      select from private.sync_outbox o
      where o.integration_id = l.integration_id and o.rdv_id = l.rdv_id and o.parked_at is null
    ), settlement.status = 'open')
  where l.id = p_link;
  update private.link_states s set
    state = (settlement.link).state, pushed = (settlement.link).pushed, base = (settlement.link).base,
    applied_count = 0, applied_since = null, updated_at = now()
  where s.link_id = p_link;
$$;
comment on function private.set_link(uuid, private.settlement) is 'Puts a link into the state that a decision asks for.';

create or replace function private.set_link(p_link uuid, settlement private.settlement) returns void
language sql security definer set search_path = ''
as $$
  update public.appointment_external_links l set
    etag = (settlement.link).etag,
    sync_status = case
      when settlement.status = 'open' then 'error'
      when (settlement.link).state = 'live' and not settlement.push then 'synced'
      else 'none'
    end,
    last_error = null, drifted_at = null, updated_at = now()
  where l.id = p_link;
  update private.link_states s set
    presence = (settlement.link).state, pushed = (settlement.link).pushed, base = (settlement.link).base,
    applied_count = 0, applied_since = null, updated_at = now()
  where s.link_id = p_link;
$$;
comment on function private.set_link(uuid, private.settlement) is 'Puts a link into the state that a decision asks for.';

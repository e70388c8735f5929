create or replace function private.accept_new_key() returns integer
language plpgsql security definer set search_path = ''
as $$
declare
  v_nobody constant uuid := '00000000-0000-0000-0000-000000000000'::uuid;
  v_lost integer;
begin
  delete from private.sealing_canaries canary where not private.canary_opens(canary.sealed);
  if not found then
    raise exception 'Accept a new key: the key that is here is the one that sealed the tokens' using errcode = '55000';
  end if;
  -- Until private.configure() is called again, health says that nudges are not configured.
  delete from private.app_config c
    where c.key = 'nudge_secret' and not private.token_opens(c.sealed, v_nobody, v_nobody, 'nudge');
  perform private.choose_sealing();
  -- Lanes first, as in lock_connection.
  perform from private.sync_lanes l order by l.integration_id for update;
  update public.calendar_integrations i
    set status = 'reconnect_required',
      last_error = jsonb_build_object('code', 'CREDENTIAL_UNREADABLE', 'message', 'Open token: its key was given up')
    from private.credentials c
    where c.integration_id = i.id and i.disconnected_at is null
      and not private.token_opens(c.refresh_sealed, c.organisation_id, c.integration_id, 'refresh');
  get diagnostics v_lost = row_count;
  return v_lost;
end
$$;
comment on function private.accept_new_key() is
  'The old root key is lost for good: gives up what it sealed and seals by the key that is here. Returns the '
  'connections that their people have to renew. Raises 55000 if nothing is lost.';

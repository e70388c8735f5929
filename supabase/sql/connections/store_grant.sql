create or replace function private.store_grant(
  p_connection public.calendar_integrations, p_account_id text, p_account_email text, p_scopes text[],
  p_access_token text, p_access_until timestamptz, p_refresh_token text
) returns void
language plpgsql security definer set search_path = ''
as $$
declare
  v_refresh jsonb;
begin
  perform pg_advisory_xact_lock(hashtextextended(p_connection.provider || ':' || p_account_id, 0));
  if p_connection.account_id <> p_account_id then
    -- Its calendars hold none of our events, and its person has not said what is to go there.
    update private.sync_lanes l set lease_owner = null, lease_until = null where l.integration_id = p_connection.id;
    delete from public.appointment_external_links l where l.integration_id = p_connection.id;
    update public.calendar_integrations x
      set calendar_target_id = null, calendar_target_name = null, calendar_source_id = null,
        calendar_source_name = null, event_detail = null, scope = default, two_way = default, import_as = default,
        export_from = null, last_sync_at = null, last_import_at = null
      where x.id = p_connection.id;
  elsif p_connection.removing_events_since is not null then
    -- The account is wanted again: what was going to be removed stays until the person says what is to be there.
    perform private.drop_outbox(p_connection.id);
    perform private.ask_about_pending(p_connection.id);
  end if;
  update public.calendar_integrations x
    set account_id = p_account_id, account_email = p_account_email, status = 'connected', last_error = null,
      disconnected_at = null, removing_events_since = null
    where x.id = p_connection.id;
  if p_refresh_token is null then
    select c.refresh_sealed into v_refresh from private.credentials c where c.integration_id = p_connection.id;
  else
    v_refresh := private.seal_token(p_refresh_token, p_connection.organisation_id, p_connection.id, 'refresh');
  end if;
  insert into private.credentials (
    integration_id, organisation_id, access_sealed, access_expires_at, refresh_sealed, scopes
  ) values (
    p_connection.id, p_connection.organisation_id,
    private.seal_token(p_access_token, p_connection.organisation_id, p_connection.id, 'access'), p_access_until,
    v_refresh, coalesce(p_scopes, '{}')
  )
  on conflict (integration_id) do update
    set version = private.credentials.version + 1, access_sealed = excluded.access_sealed,
      access_expires_at = excluded.access_expires_at, refresh_sealed = excluded.refresh_sealed,
      scopes = excluded.scopes, updated_at = now();
  delete from private.pending_grants g where g.integration_id = p_connection.id and g.account_id = p_account_id;
  update private.sync_lanes l set paused_until = null, pause_code = null, strikes = 0
  where l.integration_id = p_connection.id;
  -- Only a grant that died under a running export finds it switched on: what was held since then goes on.
  if private.mark_integration(p_connection.id, true) > 0 then
    perform private.nudge(p_connection.provider);
  end if;
end
$$;
comment on function private.store_grant(public.calendar_integrations, text, text, text[], text, timestamptz, text) is
  'Makes a grant that of the connection, which is locked. Of another account it starts afresh, with nothing chosen. '
  'Without a refresh token the stored one stays.';

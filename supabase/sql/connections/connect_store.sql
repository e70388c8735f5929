create or replace function public.connect_store(
  p_organisation uuid, p_user uuid, p_provider text, p_account_id text, p_account_email text, p_scopes text[],
  p_access_token text, p_expires_in integer, p_refresh_token text
) returns jsonb
language plpgsql security definer set search_path = '' set statement_timeout = '8s'
as $$
declare
  v_connection public.calendar_integrations;
  v_access_until constant timestamptz := private.clock() + make_interval(secs => p_expires_in);
  v_another boolean;
begin
  -- Held until the end: a member removed meanwhile waits for us, and then takes this connection down.
  perform from public.organisation_members m
    where m.organisation_id = p_organisation and m.user_id = p_user for share;
  if not found then
    raise exception 'FORBIDDEN' using errcode = 'P0001';
  end if;
  perform pg_advisory_xact_lock(hashtextextended(concat_ws(':', p_organisation, p_user, p_provider), 0));
  v_connection := private.lock_connection(i.id) from private.person_connection(p_organisation, p_user, p_provider) i;
  v_another := v_connection.id is not null and v_connection.account_id <> p_account_id;
  if p_refresh_token is null and (
    v_another or not exists (
      select from private.credentials c where c.integration_id = v_connection.id
        and private.token_opens(c.refresh_sealed, c.organisation_id, c.integration_id, 'refresh')
    )
  ) then
    return jsonb_build_object('outcome', 'needs_reconsent');
  end if;
  if v_another and (v_connection.disconnected_at is null or cardinality(private.live_events(v_connection.id)) > 0) then
    perform private.keep_pending_grant(
      v_connection, p_account_id, p_account_email, p_scopes, p_access_token, v_access_until, p_refresh_token);
    return jsonb_build_object('outcome', 'pending', 'integrationId', v_connection.id);
  end if;
  if v_connection.id is null then
    insert into public.calendar_integrations (organisation_id, user_id, provider, account_id, account_email)
      values (p_organisation, p_user, p_provider, p_account_id, p_account_email)
      returning * into v_connection;
    insert into private.sync_lanes (integration_id, organisation_id, provider)
      values (v_connection.id, p_organisation, p_provider);
  end if;
  perform private.store_grant(
    v_connection, p_account_id, p_account_email, p_scopes, p_access_token, v_access_until, p_refresh_token);
  return jsonb_build_object('outcome', 'stored', 'integrationId', v_connection.id);
end
$$;
comment on function public.connect_store(uuid, uuid, text, text, text, text[], text, integer, text) is
  'Service only: stores a consent that was given, and begins nothing. outcome: stored; pending (of another account '
  'than before: the person is asked first); needs_reconsent (no refresh token came and none is stored for that '
  'account, so nothing was stored).';
grant execute on function
  public.connect_store(uuid, uuid, text, text, text, text[], text, integer, text)
to service_role;

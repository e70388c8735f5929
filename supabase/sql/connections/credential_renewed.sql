create or replace function public.credential_renewed(
  p_integration uuid, p_expected_version bigint, p_access_token text, p_expires_in integer, p_refresh_token text,
  p_scopes text[]
) returns jsonb
language plpgsql security definer set search_path = '' set statement_timeout = '8s'
as $$
declare
  v_held private.credentials;
begin
  -- The connection first, as in every function that locks both.
  perform private.lock_connection(p_integration);
  select c.* into v_held from private.credentials c where c.integration_id = p_integration for update;
  if not found then
    return jsonb_build_object('stored', false, 'version', 0, 'accessToken', null);
  end if;
  if v_held.version <> p_expected_version then
    return jsonb_build_object(
      'stored', false, 'version', v_held.version,
      'accessToken', private.known_token(p_integration) -> 'accessToken');
  end if;
  update private.credentials c
    set version = c.version + 1,
      access_sealed = private.seal_token(p_access_token, c.organisation_id, p_integration, 'access'),
      access_expires_at = private.clock() + make_interval(secs => p_expires_in),
      refresh_sealed = case
        when p_refresh_token is null then c.refresh_sealed
        else private.seal_token(p_refresh_token, c.organisation_id, p_integration, 'refresh')
      end,
      scopes = case when coalesce(cardinality(p_scopes), 0) = 0 then c.scopes else p_scopes end,
      updated_at = now()
    where c.integration_id = p_integration
    returning c.* into v_held;
  -- A renewal proves that the grant lives, whatever a slower worker was told in between.
  update public.calendar_integrations i set status = 'connected', last_error = null
    where i.id = p_integration and i.status = 'reconnect_required';
  return jsonb_build_object('stored', true, 'version', v_held.version, 'accessToken', p_access_token);
end
$$;
comment on function public.credential_renewed(uuid, bigint, text, integer, text, text[]) is
  'Service only: stores a renewal if no other worker did since p_expected_version; else stored is false and the '
  'winner''s token comes back.';
grant execute on function public.credential_renewed(uuid, bigint, text, integer, text, text[]) to service_role;

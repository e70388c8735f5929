create or replace function public.connect_begin(
  p_organisation uuid, p_user uuid, p_provider text, p_state_hash text, p_browser boolean, p_code_verifier text,
  p_redirect_to text, p_ttl_seconds integer
) returns jsonb
language plpgsql security definer set search_path = '' set statement_timeout = '8s'
as $$
begin
  if not private.is_member(p_organisation, p_user) then
    raise exception 'FORBIDDEN' using errcode = 'P0001';
  end if;
  delete from private.oauth_states s where s.expires_at < private.clock() - interval '1 hour';
  insert into private.oauth_states (
    state_hash, organisation_id, user_id, provider, browser, code_verifier_sealed, redirect_to, expires_at
  ) values (
    p_state_hash, p_organisation, p_user, p_provider, p_browser,
    private.seal_token(p_code_verifier, p_organisation, null, 'code_verifier:' || p_state_hash),
    p_redirect_to, private.clock() + make_interval(secs => p_ttl_seconds)
  );
  return null;
end
$$;
comment on function public.connect_begin(uuid, uuid, text, text, boolean, text, text, integer) is
  'Service only: remembers a consent that begins. The hash is hex SHA-256; the verifier is sealed for its state.';
grant execute on function public.connect_begin(uuid, uuid, text, text, boolean, text, text, integer) to service_role;

create or replace function public.connect_hold(
  p_provider text, p_state_hash text, p_code text, p_confirm_hash text, p_ttl_seconds integer
) returns jsonb
language plpgsql security definer set search_path = '' set statement_timeout = '8s'
as $$
begin
  update private.oauth_states s
    set code_sealed = private.seal_token(p_code, s.organisation_id, null, 'code:' || s.state_hash),
      confirm_hash = p_confirm_hash, expires_at = private.clock() + make_interval(secs => p_ttl_seconds)
    where s.state_hash = p_state_hash and s.provider = p_provider and s.used_at is not null and s.code_sealed is null
      and s.expires_at > private.clock();
  return to_jsonb(found);
end
$$;
comment on function public.connect_hold(text, text, text, text, integer) is
  'Service only: keeps the code of a redeemed state, sealed, until its person confirms with the secret of that hash. '
  'False if the state does not wait for one.';
grant execute on function public.connect_hold(text, text, text, text, integer) to service_role;

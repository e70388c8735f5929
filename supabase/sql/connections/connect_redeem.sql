create or replace function public.connect_redeem(p_provider text, p_state_hash text) returns jsonb
language plpgsql security definer set search_path = '' set statement_timeout = '8s'
as $$
declare
  v_flow private.oauth_states;
begin
  update private.oauth_states s set used_at = private.clock()
    where s.state_hash = p_state_hash and s.provider = p_provider and s.used_at is null
      and s.expires_at > private.clock()
    returning s.* into v_flow;
  if not found or not private.is_member(v_flow.organisation_id, v_flow.user_id) then
    return null;
  end if;
  return jsonb_build_object(
    'organisationId', v_flow.organisation_id, 'userId', v_flow.user_id, 'browser', v_flow.browser,
    'codeVerifier', private.open_token(
      v_flow.code_verifier_sealed, v_flow.organisation_id, null, 'code_verifier:' || v_flow.state_hash),
    'redirectTo', v_flow.redirect_to
  );
end
$$;
comment on function public.connect_redeem(text, text) is
  'Service only: uses a state up. Null if it is unknown, used or expired, or if its user has left the practice.';
grant execute on function public.connect_redeem(text, text) to service_role;

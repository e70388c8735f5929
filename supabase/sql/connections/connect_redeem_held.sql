create or replace function public.connect_redeem_held(
  p_provider text, p_confirm_hash text, p_organisation uuid, p_user uuid
) returns jsonb
language plpgsql security definer set search_path = '' set statement_timeout = '8s'
as $$
declare
  v_flow private.oauth_states;
  v_answer jsonb;
begin
  select s.* into v_flow from private.oauth_states s where s.confirm_hash = p_confirm_hash for update;
  if not found then
    return null;
  end if;
  if (v_flow.provider, v_flow.organisation_id, v_flow.user_id) = (p_provider, p_organisation, p_user)
    and v_flow.expires_at > private.clock() and private.is_member(p_organisation, p_user) then
    -- Before the row goes: what a seal keeps elsewhere goes with it.
    v_answer := jsonb_build_object(
      'code', private.open_token(v_flow.code_sealed, p_organisation, null, 'code:' || v_flow.state_hash),
      'codeVerifier', private.open_token(v_flow.code_verifier_sealed, p_organisation, null,
        'code_verifier:' || v_flow.state_hash),
      'redirectTo', v_flow.redirect_to
    );
  end if;
  -- In any case: a secret in other hands than those of the person who began means that a consent was led astray.
  delete from private.oauth_states s where s.state_hash = v_flow.state_hash;
  return v_answer;
end
$$;
comment on function public.connect_redeem_held(text, text, uuid, uuid) is
  'Service only: hands a held code, once, to the person who began the flow and has the secret of the browser that '
  'consented. Asked by another person, the code is burnt.';
grant execute on function public.connect_redeem_held(text, text, uuid, uuid) to service_role;

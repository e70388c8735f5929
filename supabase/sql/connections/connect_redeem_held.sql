create or replace function public.connect_redeem_held(
  p_provider text, p_confirm_hash text, p_organisation uuid, p_user uuid
) returns jsonb
language plpgsql security definer set search_path = '' set statement_timeout = '8s'
as $$
declare
  flow private.oauth_states;
  answer jsonb;
begin
  select s.* into flow from private.oauth_states s where s.confirm_hash = p_confirm_hash for update;
  if not found then
    return null;
  end if;
  if (flow.provider, flow.organisation_id, flow.user_id) = (p_provider, p_organisation, p_user)
    and flow.expires_at > private.clock() and private.is_member(p_organisation, p_user) then
    -- Before the row goes: what a seal keeps elsewhere goes with it.
    answer := jsonb_build_object(
      'code', private.open_token(flow.code_sealed, p_organisation, null, 'code:' || flow.state_hash),
      'codeVerifier', private.open_token(flow.code_verifier_sealed, p_organisation, null, 'code_verifier:' || flow.state_hash),
      'redirectTo', flow.redirect_to
    );
  end if;
  -- In any case: a secret in other hands than those of the person who began means that a consent was led astray.
  delete from private.oauth_states s where s.state_hash = flow.state_hash;
  return answer;
end
$$;
comment on function public.connect_redeem_held(text, text, uuid, uuid) is 'Service only: hands a held code, once, to the person who began the flow and has the secret of the browser that consented. Asked by anyone else, the code is burnt.';
grant execute on function public.connect_redeem_held(text, text, uuid, uuid) to service_role;

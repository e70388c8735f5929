create or replace function private.queue_revocation(p_provider text, p_account text, p_token text) returns void
language plpgsql security definer set search_path = ''
as $$
declare
  v_id uuid := gen_random_uuid();
begin
  insert into private.grant_revocations (id, provider, account_id, token_sealed, next_attempt_at, created_at)
  values (
    v_id, p_provider, p_account, private.seal_token(p_token, null, v_id, 'revocation'), private.clock(), private.clock()
  );
  perform private.nudge(p_provider);
exception
  when others then
    -- A deletion goes through although sealing fails: the grant can be ended in the account's own pages.
    raise warning 'Queue a revocation: % (%)', sqlerrm, sqlstate;
end
$$;
comment on function private.queue_revocation(text, text, text) is
  'Keeps a refresh token, sealed anew, until a worker has revoked it. Never raises.';

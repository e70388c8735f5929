create or replace function public.revocation_claim(p_provider text) returns jsonb
language plpgsql security definer set search_path = '' set statement_timeout = '8s'
as $$
declare
  v_revocation record;
  v_token text;
  v_claimed jsonb := '[]'::jsonb;
begin
  -- Connected again meanwhile: revoking would end the new grant too.
  delete from private.grant_revocations g
  where g.provider = p_provider and private.account_in_use(g.provider, g.account_id, null);
  for v_revocation in
    select g.* from private.grant_revocations g
    where g.provider = p_provider and g.next_attempt_at <= private.clock()
    order by g.next_attempt_at limit 20 for update skip locked
  loop
    begin
      v_token := private.open_token(v_revocation.token_sealed, null, v_revocation.id, 'revocation');
      update private.grant_revocations g set attempts = g.attempts + 1,
        next_attempt_at = private.clock() + least(interval '1 minute' * 2 ^ least(v_revocation.attempts, 10),
          interval '6 hours')
      where g.id = v_revocation.id;
      v_claimed := v_claimed || jsonb_build_object('id', v_revocation.id, 'token', v_token);
    exception
      when data_exception then
        -- Beside another root key nothing opens, and this one will when the right key is back.
        delete from private.grant_revocations g where g.id = v_revocation.id and private.sealing_key_fits();
    end;
  end loop;
  return v_claimed;
end
$$;
comment on function public.revocation_claim(text) is
  'Service only: grants to revoke now, [{id, token}]; each comes again later, with a growing pause, until '
  'revocation_done.';
grant execute on function public.revocation_claim(text) to service_role;

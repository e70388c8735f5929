create or replace function private.drop_pending_grant(p_integration uuid) returns void
language plpgsql security definer set search_path = ''
as $$
declare
  v_pending private.pending_grants;
begin
  select g.* into v_pending from private.pending_grants g where g.integration_id = p_integration for update;
  if not found then
    return;
  end if;
  perform pg_advisory_xact_lock(hashtextextended(v_pending.provider || ':' || v_pending.account_id, 0));
  if not private.account_in_use(v_pending.provider, v_pending.account_id, p_integration) then
    begin
      perform private.queue_revocation(v_pending.provider, v_pending.account_id,
        private.open_token(v_pending.tokens_sealed, v_pending.organisation_id, p_integration,
          'pending')::jsonb ->> 'refresh');
    exception
      when data_exception then
        raise warning 'Revoke the pending grant of integration %: %', p_integration, sqlerrm;
    end;
  end if;
  delete from private.pending_grants g where g.integration_id = p_integration;
end
$$;
comment on function private.drop_pending_grant(uuid) is
  'Forgets a pending grant, which is queued for revocation if no other connection uses the account.';

create or replace function private.revoke_deleted() returns trigger
language plpgsql security definer set search_path = ''
as $$
declare
  v_token text;
begin
  -- While its account is still known.
  delete from public.appointment_external_links l where l.integration_id = old.id;
  perform private.drop_pending_grant(old.id);
  perform pg_advisory_xact_lock(hashtextextended(old.provider || ':' || old.account_id, 0));
  if private.account_in_use(old.provider, old.account_id, old.id) then
    return old;
  end if;
  begin
    select private.open_token(c.refresh_sealed, c.organisation_id, c.integration_id, 'refresh') into v_token
      from private.credentials c where c.integration_id = old.id;
    if v_token is not null then
      perform private.queue_revocation(old.provider, old.account_id, v_token);
    end if;
  exception
    when data_exception then
      -- A token that does not open must keep neither a user nor a practice from being deleted.
      raise warning 'Revoke the grant of integration %: %', old.id, sqlerrm;
  end;
  return old;
end
$$;
comment on function private.revoke_deleted() is
  'Before-row trigger: a connection that is deleted, with its user or its practice, leaves its grant in the queue of '
  'revocations, and its events'' ids.';

create or replace function private.stop_former_member() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  -- A connection that only removes its events any more ends by itself once they are gone.
  perform private.end_unattended(i.id)
    from public.calendar_integrations i
    where i.organisation_id = old.organisation_id and i.user_id = old.user_id and i.disconnected_at is null
      and (i.removing_events_since is null or i.status <> 'connected')
      and not private.is_member(old.organisation_id, old.user_id);
  perform private.drop_pending_grant(i.id)
    from public.calendar_integrations i
    where i.organisation_id = old.organisation_id and i.user_id = old.user_id
      and not private.is_member(old.organisation_id, old.user_id);
  return null;
end
$$;
comment on function private.stop_former_member() is
  'After-row trigger: who leaves a practice leaves no working connection; the grant is queued for revocation.';

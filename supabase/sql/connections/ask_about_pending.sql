create or replace function private.ask_about_pending(p_integration uuid) returns void
language sql security definer set search_path = ''
as $$
  update private.pending_grants g set expires_at = private.clock() + interval '1 hour'
  where g.integration_id = p_integration and g.expires_at is null;
$$;
comment on function private.ask_about_pending(uuid) is
  'The removal for the sake of a pending grant ends otherwise: its person is asked again.';

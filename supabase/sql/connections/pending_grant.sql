create or replace function private.pending_grant(p_integration uuid) returns private.pending_grants
language sql stable security definer set search_path = ''
as $$
  select g.* from private.pending_grants g
  where g.integration_id = p_integration and (g.expires_at is null or g.expires_at > private.clock());
$$;
comment on function private.pending_grant(uuid) is
  'The grant of another account that waits for the person''s answer; all null if there is none.';

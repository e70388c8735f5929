create or replace function private.canary_opens(p_sealed jsonb) returns boolean
language sql stable security definer set search_path = ''
as $$
  select private.token_opens(
    p_sealed, '00000000-0000-0000-0000-000000000000', '00000000-0000-0000-0000-000000000000', 'canary');
$$;
comment on function private.canary_opens(jsonb) is
  'Whether this canary opens with the root key that the database has now. p_sealed: {scheme, …}, as '
  'private.seal_with makes it.';

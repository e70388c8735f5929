create or replace function private.account_in_use(p_provider text, p_account text, p_except uuid) returns boolean
language sql stable security definer set search_path = ''
as $$
  select exists (
    select from public.calendar_integrations i
    where i.provider = p_provider and i.account_id = p_account and i.id is distinct from p_except
      and i.disconnected_at is null
  ) or exists (
    select from private.pending_grants g
    where g.provider = p_provider and g.account_id = p_account and g.integration_id is distinct from p_except
  );
$$;
comment on function private.account_in_use(text, text, uuid) is
  'Whether a connection other than p_except has a grant of the account, or is about to: revoking one grant ends them '
  'all.';

create or replace function private.token_opens(
  p_envelope jsonb, p_organisation uuid, p_integration uuid, p_kind text
) returns boolean
language plpgsql stable security definer set search_path = ''
as $$
begin
  return private.open_token(p_envelope, p_organisation, p_integration, p_kind) is not null;
exception
  when data_exception then
    return false;
end
$$;
comment on function private.token_opens(jsonb, uuid, uuid, text) is
  'Whether a token opens for this row and kind; an envelope that is null does not. p_envelope: {scheme, …}, as '
  'private.seal_with makes it.';

create or replace function private.seal_token(
  p_plain text, p_organisation uuid, p_integration uuid, p_kind text
) returns jsonb
language plpgsql security definer set search_path = ''
as $$
begin
  perform private.refuse_foreign_key();
  return private.seal_with(
    (select c.value from private.app_config c where c.key = 'seal_scheme'), p_plain, p_organisation, p_integration,
    p_kind);
end
$$;
comment on function private.seal_token(text, uuid, uuid, text) is
  'Seals a token by the live scheme. The envelope describes itself: a key''s uuid alone would die with the extension.';

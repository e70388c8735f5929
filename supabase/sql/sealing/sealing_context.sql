create or replace function private.sealing_context(
  p_scheme text, p_organisation uuid, p_integration uuid, p_kind text
) returns text
language plpgsql immutable set search_path = ''
as $$
begin
  return concat(p_scheme, '|', p_organisation, '|', p_integration, '|', p_kind);
end
$$;
comment on function private.sealing_context(text, uuid, uuid, text) is
  'What a sealed token is bound to: one moved to another row does not open.';

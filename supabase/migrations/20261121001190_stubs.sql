-- Stand-ins until the packages that own these are merged.
create function private.sealing_key_fits() returns boolean language sql stable set search_path = '' as 'select true';
comment on function private.sealing_key_fits() is 'Stand-in.';
create function private.open_credential(p_integration uuid) returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
begin
  return public.integration_credential(p_integration);
exception
  when data_exception then
    raise exception 'CREDENTIAL_UNREADABLE' using errcode = 'P0001';
end
$$;
comment on function private.open_credential(uuid) is 'Stand-in.';

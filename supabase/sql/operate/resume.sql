create or replace function private.resume(p_scope text, p_key text) returns boolean
language plpgsql security definer set search_path = ''
as $$
begin
  delete from private.sync_pauses p where p.scope = p_scope and p.key = coalesce(p_key, '');
  if not found then
    return false;
  end if;
  perform private.sweep(), private.import_sweep();
  return true;
end
$$;
comment on function private.resume(text, text) is
  'Ends a pause and wakes what waited for it. False if there was no such pause; another one may still hold.';

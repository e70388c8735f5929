create or replace function private.refuse_foreign_key() returns void
language plpgsql stable security definer set search_path = ''
as $$
declare
  v_foreign_to text;
begin
  select string_agg(canary.scheme, ', ' order by canary.scheme) into v_foreign_to
    from private.sealing_canaries canary where not private.canary_opens(canary.sealed);
  if v_foreign_to is not null then
    raise exception 'Use the sealing key: it is not the one that sealed the tokens here (%)', v_foreign_to
      using errcode = '55000',
        hint = 'Put the old root key back, or give up what it sealed: select private.accept_new_key();';
  end if;
end
$$;
comment on function private.refuse_foreign_key() is
  'Raises 55000 while a canary does not open, so that nothing is sealed by a second root key beside what the first '
  'sealed.';

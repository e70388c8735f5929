create or replace function private.keep_search_name() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  new.search_name := ' ' || private.folded(new.last_name || ' ' || new.first_name);
  return new;
end
$$;
comment on function private.keep_search_name() is
  'Before-row trigger: a patient''s name as it is searched, each word with a blank before it, so that "% dub%" finds '
  'words that begin so. No generated column: that would need a right of its writer to call functions of ours.';

create or replace function private.search_name(p_last_name text, p_first_name text) returns text
language sql immutable parallel safe set search_path = ''
as $$
  select ' ' || private.folded(p_last_name || ' ' || p_first_name);
$$;
comment on function private.search_name(text, text) is
  'A patient''s name as it is searched: folded, each word with a blank before it, so that "% dub%" finds words that '
  'begin so.';

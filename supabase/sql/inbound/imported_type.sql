create or replace function private.imported_type(p_summary text) returns text
language sql immutable set search_path = ''
as $$
  select left(coalesce(nullif(btrim(p_summary), ''), 'Occupé'), 200);
$$;
comment on function private.imported_type(text) is
  'What an appointment made of an event is called; a private event has no title here.';

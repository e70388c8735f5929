create or replace function private.patients_named(p_organisation uuid, p_text text, p_limit integer)
returns table (id uuid, place bigint)
language plpgsql stable rows 21 security definer set search_path = ''
as $$
declare
  v_text constant text := private.folded(p_text);
  v_words constant text[] := array(select '% ' || w || '%' from regexp_split_to_table(v_text, ' ') w where w <> '');
  v_longest constant text := (select w from unnest(v_words) w order by length(w) desc limit 1);
begin
  -- `rows` keeps who joins the answer at the index of ids: of a thousand rows, the usual guess, it would read the table
  -- from end to end.
  return query
  select p.id, row_number() over (order by p.search_name like ' ' || v_text || '%' desc, p.search_name,
    p.birth_date, p.id)
  from public.patients p
  -- The longest word is looked up, the others are compared.
  where p.organisation_id = p_organisation and p.search_name like v_longest and p.search_name like all (v_words)
  order by 2
  limit p_limit;
end
$$;
comment on function private.patients_named(uuid, text, integer) is
  'Patients of whose name each word of a text begins a word, in any order: first those whose last name begins so. It '
  'judges by itself no right to see them: under row level security the index could not be used, because comparing '
  'texts is no leakproof operator.';
grant execute on function private.patients_named(uuid, text, integer) to authenticated;

create or replace function private.host_mapping(p_name text, p_columns jsonb) returns text
language plpgsql stable security definer set search_path = ''
as $$
declare
  v_unknown text;
begin
  if p_name not in (select c.host_table from private.host_columns() c) then
    raise exception 'Adopt a table: the sync knows organisations, organisation_members, patients and rdv, not %', p_name
    using errcode = '22023';
  end if;
  select string_agg(k.name, ', ') into v_unknown from jsonb_object_keys(p_columns) as k (name)
  where k.name not in (select c.host_column from private.host_columns() c where c.host_table = p_name);
  if v_unknown is not null then
    raise exception 'Adopt a table as %: the sync needs no column %', p_name, v_unknown using errcode = '22023';
  end if;
  return (
    select string_agg(format('%s as %I', coalesce(
      p_columns ->> c.host_column,
      case when c.use = 'page' then 'null::' || c.type else quote_ident(c.host_column) end
    ), c.host_column), ', ' order by c.place)
    from private.host_columns() c where c.host_table = p_name
  );
end
$$;
comment on function private.host_mapping(text, jsonb) is
  'What a row of the practice app''s table is to the sync, as the list of a select. p_columns: '
  '{column of the sync: column or expression}, as private.adopt_table has it.';

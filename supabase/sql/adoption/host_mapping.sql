create or replace function private.host_mapping(p_name text, p_table regclass, p_columns jsonb) returns text
language plpgsql stable security definer set search_path = ''
as $$
declare
  v_unknown text;
  v_missing text;
  v_mapping text;
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
  if p_columns <> '{}' and p_table is not distinct from to_regclass(format('public.%I', p_name)) then
    raise exception 'Adopt % as %: a table of that name in public cannot be mapped: it has the sync''s columns '
      'itself, or bears another name', p_table, p_name using errcode = '22023';
  end if;
  select
    string_agg(format('%s (%s)', c.host_column, c.use), ', ' order by c.place)
      filter (where x.source is null and c.use <> 'page'),
    string_agg(format('%s as %I', coalesce(x.source, 'null::' || c.type), c.host_column), ', ' order by c.place)
  into v_missing, v_mapping
  from private.host_columns() c
  left join pg_catalog.pg_attribute a on a.attrelid = p_table and a.attname = c.host_column and a.attnum > 0
    and not a.attisdropped
  cross join lateral (select coalesce(p_columns ->> c.host_column, quote_ident(a.attname)) as source) x
  where c.host_table = p_name;
  if v_missing is not null then
    raise exception 'Adopt % as %: neither the table nor the mapping has %', p_table, p_name, v_missing
      using errcode = '42P17';
  end if;
  return v_mapping;
end
$$;
comment on function private.host_mapping(text, regclass, jsonb) is
  'What a row of the practice app''s table is to the sync, as the list of a select; raises where a '
  'column has no counterpart. p_columns: {column of the sync: column or expression}, as private.adopt_table has it.';

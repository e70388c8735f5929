create or replace function private.refuse_host_table(p_name text, p_table regclass, p_columns jsonb) returns void
language plpgsql stable security definer set search_path = ''
as $$
declare
  v_seen constant regclass := format('public.%I', p_name)::regclass;
  v_key constant text := trim(both '"' from coalesce(p_columns ->> 'id', 'id'));
  v_problem text;
begin
  select string_agg(x.problem, '; ' order by c.place) into v_problem
  from private.host_columns() c
  left join pg_catalog.pg_attribute a on a.attrelid = v_seen and a.attname = c.host_column and a.attnum > 0
    and not a.attisdropped
  cross join lateral (select case
    when c.type = 'uuid'::regtype and a.atttypid <> c.type then
      format('%s is %s, and keys must be uuid: give the table a uuid column beside its own key, and map that',
        c.host_column, a.atttypid::regtype)
    when a.atttypid <> c.type and (c.type <> 'text'::regtype or a.atttypid <> 'varchar'::regtype) then
      format('%s is %s, not %s', c.host_column, a.atttypid::regtype, c.type)
    when c.use in ('key', 'written', 'key of another', 'version')
      and not pg_catalog.pg_column_is_updatable(v_seen, a.attnum, false) then
      format('%s must be a column of the table, not an expression', c.host_column)
  end as problem) x
  where c.host_table = p_name and x.problem is not null;
  if not exists (
    select from pg_catalog.pg_index i
    join pg_catalog.pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
    where i.indrelid = p_table and i.indisunique and i.indnkeyatts = 1 and i.indpred is null and a.attname = v_key
  ) then
    v_problem := concat_ws('; ', v_problem, format('%s must be unique', v_key));
  end if;
  -- An import books appointments: it names no column but these.
  if p_name = 'rdv' then
    select concat_ws('; ', v_problem, string_agg(
      format('%I has no default and may not be null, so no import could book', a.attname), '; ' order by a.attnum
    ))
    into v_problem
    from pg_catalog.pg_attribute a
    where a.attrelid = p_table and a.attnum > 0 and not a.attisdropped and a.attnotnull and not a.atthasdef
      and a.attidentity = '' and a.attname not in (
        select trim(both '"' from coalesce(p_columns ->> c.host_column, c.host_column)) from private.host_columns() c
        where c.host_table = 'rdv' and c.use <> 'version'
      );
    if not exists (
      -- Before, each row, update.
      select from pg_catalog.pg_trigger t
      where t.tgrelid = p_table and not t.tgisinternal and t.tgtype & 19 = 19
    ) then
      v_problem := concat_ws('; ', v_problem,
        'no trigger before update keeps updated_at, by which the sync knows versions');
    end if;
  end if;
  if v_problem <> '' then
    raise exception 'Adopt % as %: %', p_table, p_name, v_problem using errcode = '42P17';
  end if;
end
$$;
comment on function private.refuse_host_table(text, regclass, jsonb) is
  'Raises, with everything that is wrong, where a table of the practice app, or the view of it, is not what '
  'private.host_columns asks for. p_columns: {column of the sync: column or expression}, as '
  'private.adopt_table has it.';

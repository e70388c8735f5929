create or replace function private.leave_table(p_name text) returns void
language plpgsql security definer set search_path = ''
as $$
declare
  v_found record;
begin
  for v_found in
    select t.tgname as name, t.tgrelid::regclass as relation from pg_catalog.pg_trigger t
    where not t.tgisinternal and (
      t.tgrelid = to_regclass(format('public.%I', p_name))
        and t.tgname in (select h.name from private.host_triggers() h where h.host_table = p_name)
      or t.tgfoid = 'private.tell_change()'::regprocedure
        and t.tgname in (select format('cassius_%s_%s', p_name, e) from unnest('{insert,update,delete}'::text[]) e)
    )
  loop
    execute format('drop trigger %I on %s', v_found.name, v_found.relation);
  end loop;
  for v_found in
    select c.oid::regclass as relation from pg_catalog.pg_class c
    where c.relnamespace = 'private'::regnamespace and c.relkind = 'r' and c.relpersistence = 'u'
      and c.relname in (select format('%s_%s', p_name, e) from unnest('{insert,update,delete}'::text[]) e)
  loop
    execute format('drop table %s', v_found.relation);
  end loop;
  -- A view of that name that the practice app made itself stays.
  if exists (
    select from pg_catalog.pg_class c
    where c.oid = to_regclass(format('public.%I', p_name)) and c.relkind = 'v'
      and obj_description(c.oid, 'pg_class') like '%, as the sync calls it.'
  ) then
    execute format('drop view public.%I', p_name);
  end if;
  for v_found in
    select k.conname as name, r.relation from private.host_references() r
    join pg_catalog.pg_attribute a on a.attrelid = r.relation and a.attname = r.column_name
    join pg_catalog.pg_constraint k on k.conrelid = r.relation and k.contype = 'f' and k.conkey = array[a.attnum]
    where r.host_table = p_name
  loop
    execute format('alter table %s drop constraint %I', v_found.relation, v_found.name);
  end loop;
end
$$;
comment on function private.leave_table(text) is
  'Takes back what private.adopt_table made for a table. The table and its rows stay as they are.';

create or replace function private.tell_change() returns trigger
language plpgsql security definer set search_path = ''
as $$
declare
  v_heard constant text := format('private.%I', tg_argv[0]);
  v_rows constant text := format('select %s from ', tg_argv[1]);
  v_columns text;
begin
  -- The sync's own triggers are on the table beside, which has the sync's names: they fire for rows that come, change
  -- and go there, and see what they would see on a table of Cassius.
  if lower(tg_level) = 'row' then
    execute format('insert into %s %s (select ($1).*) as old_row', v_heard, v_rows) using old;
    execute 'delete from ' || v_heard;
    return old;
  end if;
  execute format('insert into %s %s %s', v_heard, v_rows,
    case lower(tg_op) when 'insert' then 'new_rows' else 'old_rows' end);
  if lower(tg_op) = 'update' then
    select string_agg(format('%1$I = n.%1$I', a.attname), ', ') into v_columns
    from pg_catalog.pg_attribute a
    where a.attrelid = v_heard::regclass and a.attnum > 0;
    execute format('update %s o set %s from (%s new_rows) as n where n.id = o.id', v_heard, v_columns, v_rows);
  end if;
  execute 'delete from ' || v_heard;
  return null;
end
$$;
comment on function private.tell_change() is
  'On a table of the practice app with other names: passes changed rows to the table beside it, where the sync''s '
  'triggers are. Arguments: that table, and private.host_mapping''s list. A transaction sees only its own rows there.';

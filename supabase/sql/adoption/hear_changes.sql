create or replace function private.hear_changes(p_name text, p_table regclass, p_event text, p_mapping text)
returns regclass
language plpgsql security definer set search_path = ''
as $$
declare
  v_heard constant text := format('%s_%s', p_name, p_event);
  v_early constant boolean := exists (
    select from private.host_triggers() t
    where t.host_table = p_name and t.event = p_event and t.definition like 'before %'
  );
begin
  if p_table = to_regclass(format('public.%I', p_name)) then
    return p_table;
  end if;
  execute format('create unlogged table private.%I (like public.%I)', v_heard, p_name);
  execute format('alter table private.%I enable row level security', v_heard);
  execute format('comment on table private.%I is %L', v_heard, format(
    'Rows of %s while a statement that changes them is told to the sync (%s), under the sync''s names; empty after it.',
    p_table, p_event));
  execute format(
    'create trigger %I %s %s on %s %s execute function private.tell_change(%L, %L)',
    'cassius_' || v_heard, case when v_early then 'before' else 'after' end, p_event, p_table, case
      when v_early then 'for each row'
      when p_event = 'insert' then 'referencing new table as new_rows for each statement'
      when p_event = 'delete' then 'referencing old table as old_rows for each statement'
      else 'referencing old table as old_rows new table as new_rows for each statement'
    end, v_heard, p_mapping);
  return format('private.%I', v_heard)::regclass;
end
$$;
comment on function private.hear_changes(text, regclass, text, text) is
  'Where the sync''s triggers about an event of a table belong: on the table itself where it bears the sync''s name, '
  'else on one beside it, to which a trigger of the table passes the rows.';

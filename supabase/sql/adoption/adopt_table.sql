create or replace function private.adopt_table(p_name text, p_table regclass, p_columns jsonb default '{}')
returns void
language plpgsql security definer set search_path = ''
as $$
declare
  v_mapping constant text := private.host_mapping(p_name, p_table, p_columns);
  v_event text;
  v_heard regclass;
  v_found record;
begin
  perform private.leave_table(p_name);
  if p_table is distinct from to_regclass(format('public.%I', p_name)) then
    begin
      execute format('create view public.%I with (security_invoker = true) as select %s from %s', p_name, v_mapping,
        p_table);
    exception when others then
        raise exception 'Adopt % as %: %', p_table, p_name, sqlerrm using errcode = sqlstate;
    end;
    -- By this comment private.leave_table knows it.
    execute format('comment on view public.%I is %L', p_name, format('%s, as the sync calls it.', p_table));
    execute format('grant select on public.%I to authenticated', p_name);
  end if;
  perform private.refuse_host_table(p_name, p_table, p_columns);
  for v_event in select distinct t.event from private.host_triggers() t where t.host_table = p_name order by 1 loop
    v_heard := private.hear_changes(p_name, p_table, v_event, v_mapping);
    for v_found in
      select t.name, t.definition from private.host_triggers() t where t.host_table = p_name and t.event = v_event
    loop
      execute format('create trigger %I %s', v_found.name, format(v_found.definition, v_heard));
    end loop;
  end loop;
  for v_found in select r.* from private.host_references() r where r.host_table = p_name loop
    execute format('alter table %s add foreign key (%I) references %s (%s) on delete cascade', v_found.relation,
      v_found.column_name, p_table, coalesce(p_columns ->> 'id', 'id'));
  end loop;
end
$$;
comment on function private.adopt_table(text, regclass, jsonb) is
  'The practice app''s table is what the sync calls p_name: a view of that name where it has another, the triggers '
  'that hear of its changes, the sync''s foreign keys to it. p_columns: {column of the sync: column of the table, or '
  'where the sync only reads, an expression over its columns}; what has the same name is left out. Can be called '
  'again.';

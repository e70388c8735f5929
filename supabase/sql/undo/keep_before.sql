create or replace function private.keep_before() returns trigger
language plpgsql security definer set search_path = ''
as $$
declare
  v_run uuid;
begin
  if tg_op = 'UPDATE' then
    v_run := private.run_being_applied();
  end if;
  if v_run is null then
    -- It moved on: nothing puts it back any more, and an erasure leaves nothing behind here.
    delete from private.before_import b using old_rows o where b.row_id = o.id and b.table_name = tg_argv[0];
    return null;
  end if;
  insert into private.before_import as b (table_name, row_id, run_id, kept_at, before)
  select tg_argv[0], o.id, v_run, now(), (
    select jsonb_object_agg(f.key, f.value) from jsonb_each(to_jsonb(o)) f
    -- What came from a calendar leaves no text here: it may be private by now.
    where f.key = any (tg_argv[1:]) and (f.key <> 'location' or to_jsonb(o) ->> 'source' = 'cassius')
  )
  -- What this very import made or changed before is nothing to go back to.
  from old_rows o where o.updated_at < now()
  on conflict (row_id, table_name) do update
  set run_id = excluded.run_id, kept_at = excluded.kept_at, before = excluded.before
  where b.run_id <> excluded.run_id;
  return null;
end
$$;
comment on function private.keep_before() is
  'Statement trigger, with the table as the sync calls it and the columns to keep: what an import changes is kept as '
  'it was before, until anything else changes it.';

-- Where the project has Realtime, open pages hear of changes; row level security decides who hears of which row.
-- Published is what the client watches (web/src/backend/realtime.ts) and nothing else: each table costs, and copies
-- rows to one more place.
do $$
declare
  v_table regclass;
begin
  if not exists (select 1 from pg_catalog.pg_publication p where p.pubname = 'supabase_realtime') then
    return;
  end if;
  -- A host that adopted the sync may have a view for one of them: that is not published, and pages poll for it.
  for v_table in
    select c.oid from pg_catalog.pg_class c
    where c.relkind = 'r' and c.oid in (
      to_regclass('public.rdv'), to_regclass('public.calendar_integrations'),
      to_regclass('public.appointment_external_links'), to_regclass('public.external_events'),
      to_regclass('public.sync_conflicts'), to_regclass('public.sync_runs')
    )
  loop
    if not exists (
      select 1 from pg_catalog.pg_publication_rel r
      join pg_catalog.pg_publication p on p.oid = r.prpubid
      where p.pubname = 'supabase_realtime' and r.prrelid = v_table
    ) then
      execute format('alter publication supabase_realtime add table %s', v_table);
    end if;
  end loop;
exception
  when others then
    raise warning 'Publish tables for Realtime: % (pages poll instead)', sqlerrm;
end
$$;

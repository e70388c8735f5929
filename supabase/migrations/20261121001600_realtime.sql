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
  foreach v_table in array array[
    'public.rdv', 'public.calendar_integrations', 'public.appointment_external_links', 'public.external_events',
    'public.sync_conflicts', 'public.sync_runs'
  ]::regclass[] loop
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

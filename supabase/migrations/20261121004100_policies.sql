-- Row level security: which rows a member of a practice reads and writes.

create policy "members read integrations" on public.calendar_integrations
  for select to authenticated using (organisation_id in (select private.my_organisations()));
create policy "members read links" on public.appointment_external_links
  for select to authenticated using (organisation_id in (select private.my_organisations()));
create policy "members read conflicts" on public.sync_conflicts
  for select to authenticated using (organisation_id in (select private.my_organisations()));
create policy "members read runs" on public.sync_runs
  for select to authenticated using (organisation_id in (select private.my_organisations()));
create policy "members read run items" on public.sync_run_items
  for select to authenticated using (organisation_id in (select private.my_organisations()));

create policy "members read external events" on public.external_events
  for select to authenticated using (organisation_id in (select private.my_organisations()));

-- An address shows its own member's appointments to whatever program has it: it is that person's affair alone.
create policy "members read their own feed" on public.calendar_feeds
  for select to authenticated
  using (user_id = (select auth.uid()) and organisation_id in (select private.my_organisations()));
create policy "members choose what their own feed shows" on public.calendar_feeds
  for update to authenticated
  using (user_id = (select auth.uid()) and organisation_id in (select private.my_organisations()))
  with check (user_id = (select auth.uid()) and organisation_id in (select private.my_organisations()));
create policy "members end their own feed" on public.calendar_feeds
  for delete to authenticated
  using (user_id = (select auth.uid()) and organisation_id in (select private.my_organisations()));

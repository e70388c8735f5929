-- Row level security: which rows a member of a practice reads and writes.

create policy "members read their organisations" on public.organisations
  for select to authenticated using (id in (select private.my_organisations()));
create policy "administrators edit their organisations" on public.organisations
  for update to authenticated
  using (id in (select private.my_administered_organisations()))
  with check (id in (select private.my_administered_organisations()));

create policy "members read their colleagues" on public.organisation_members
  for select to authenticated using (organisation_id in (select private.my_organisations()));
create policy "administrators add members" on public.organisation_members
  for insert to authenticated with check (organisation_id in (select private.my_administered_organisations()));
create policy "administrators edit members, and members themselves" on public.organisation_members
  for update to authenticated
  using (user_id = (select auth.uid()) or organisation_id in (select private.my_administered_organisations()))
  with check (user_id = (select auth.uid()) or organisation_id in (select private.my_administered_organisations()));
create policy "administrators remove members" on public.organisation_members
  for delete to authenticated using (organisation_id in (select private.my_administered_organisations()));

create policy "members read patients" on public.patients
  for select to authenticated using (organisation_id in (select private.my_organisations()));
create policy "members add patients" on public.patients
  for insert to authenticated with check (organisation_id in (select private.my_organisations()));
create policy "members edit patients" on public.patients
  for update to authenticated
  using (organisation_id in (select private.my_organisations()))
  with check (organisation_id in (select private.my_organisations()));
create policy "members remove patients" on public.patients
  for delete to authenticated using (organisation_id in (select private.my_organisations()));

create policy "members read appointments" on public.rdv
  for select to authenticated using (organisation_id in (select private.my_organisations()));
create policy "members add appointments" on public.rdv
  for insert to authenticated with check (organisation_id in (select private.my_organisations()));
create policy "members edit appointments" on public.rdv
  for update to authenticated
  using (organisation_id in (select private.my_organisations()))
  with check (organisation_id in (select private.my_organisations()));
create policy "members remove appointments" on public.rdv
  for delete to authenticated using (organisation_id in (select private.my_organisations()));

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

-- Patients and appointments, as the practice works with them.

create table public.patients (
  id uuid primary key default gen_random_uuid(),
  organisation_id uuid not null references public.organisations (id) on delete cascade,
  first_name text not null default '' constraint patients_first_name_length check (length(first_name) <= 200),
  last_name text not null check (btrim(last_name) <> '')
    constraint patients_last_name_length check (length(last_name) <= 200),
  birth_date date check (birth_date >= '1850-01-01'),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (organisation_id, id)
);
comment on table public.patients is
  'Patients of a practice. Their names leave the database only inside events, as far as event_detail lets them.';
comment on column public.patients.birth_date is
  'Tells people of one name apart, on the practice''s own pages. No event shows it.';

create table public.rdv (
  id uuid primary key default gen_random_uuid(),
  organisation_id uuid not null references public.organisations (id) on delete cascade,
  practitioner_id uuid,
  patient_id uuid,
  -- Bounds are wide for people and narrow for everything that reads many appointments at once.
  type text not null default 'Rendez-vous' constraint rdv_type_length check (length(type) <= 200),
  act text constraint rdv_act_length check (length(act) <= 500),
  notes text constraint rdv_notes_length check (length(notes) <= 10000),
  -- As long as a calendar's: a place comes back from there as it was written.
  location text constraint rdv_location_length check (length(location) <= 1024),
  starts_at timestamptz,
  ends_at timestamptz,
  status text not null default 'scheduled'
    check (status in ('scheduled', 'confirmed', 'cancelled', 'completed', 'no_show')),
  source text not null default 'cassius' check (source in ('cassius', 'google', 'microsoft')),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (organisation_id, id),
  foreign key (organisation_id, practitioner_id)
    references public.organisation_members (organisation_id, id) on delete set null (practitioner_id),
  foreign key (organisation_id, patient_id)
    references public.patients (organisation_id, id) on delete set null (patient_id)
);
comment on table public.rdv is
  'Appointments. Dates may be missing or wrong while a secretary is typing: the sync says so and never refuses them.';
comment on column public.rdv.source is
  'Where the appointment was made; one imported from a provider is never exported back to it.';
create index rdv_organisation_start on public.rdv (organisation_id, starts_at);
create index rdv_practitioner_start on public.rdv (practitioner_id, starts_at) where practitioner_id is not null;
-- Built-in functions only: a bulk booking pays for every call. An end that is missing or wrong makes a point.
create index rdv_practitioner_period on public.rdv
  using gist (practitioner_id, tstzrange(starts_at, greatest(starts_at, coalesce(ends_at, starts_at)), '[]'))
  where status in ('scheduled', 'confirmed') and practitioner_id is not null and starts_at is not null;
create index rdv_patient on public.rdv (patient_id) where patient_id is not null;

alter table public.patients enable row level security;
alter table public.rdv enable row level security;
grant select, delete on public.patients, public.rdv to authenticated;
grant insert (id, organisation_id, first_name, last_name, birth_date), update (first_name, last_name, birth_date)
  on public.patients to authenticated;
-- With its source, so that a deleted one can be made again as what it was.
grant insert (id, organisation_id, practitioner_id, patient_id, type, act, notes, location, starts_at, ends_at, status,
    source),
  update (practitioner_id, patient_id, type, act, notes, location, starts_at, ends_at, status)
  on public.rdv to authenticated;
grant select, insert, update, delete on public.patients, public.rdv to service_role;

create trigger patients_touch before update on public.patients
  for each row execute function private.touch_updated_at();
create trigger rdv_touch before update on public.rdv
  for each row execute function private.touch_updated_at();

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

-- The planner keeps no statistics of what people write: they would tell of other practices.
alter table public.patients alter column first_name set statistics 0, alter column last_name set statistics 0;
alter table public.rdv
  alter column type set statistics 0, alter column act set statistics 0,
  alter column notes set statistics 0, alter column location set statistics 0;

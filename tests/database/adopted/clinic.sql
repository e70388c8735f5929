-- A practice app that was there before the sync: names of its own, integer keys, an enum, triggers and policies.

create schema if not exists extensions;
create extension if not exists pgcrypto with schema extensions;

create schema clinic;
grant usage on schema clinic to authenticated;

create table clinic.practices (
  practice uuid primary key default gen_random_uuid(),
  label text not null,
  zone text not null default 'Europe/Paris',
  fees numeric not null default 0
);

create type clinic.job as enum ('owner', 'dentist', 'desk');
create table clinic.staff (
  staff_no bigint generated always as identity primary key,
  staff uuid not null unique default gen_random_uuid(),
  practice uuid not null references clinic.practices (practice) on delete cascade,
  login uuid references auth.users (id) on delete set null,
  full_name text not null,
  job clinic.job not null
);

create table clinic.people (
  person uuid primary key default gen_random_uuid(),
  practice uuid not null references clinic.practices (practice) on delete cascade,
  given text,
  family varchar(80) not null,
  insurance_no text
);

create table clinic.visits (
  visit_no bigint generated always as identity primary key,
  visit uuid not null unique default gen_random_uuid(),
  practice uuid not null references clinic.practices (practice) on delete cascade,
  dentist uuid references clinic.staff (staff) on delete set null,
  person uuid references clinic.people (person) on delete set null,
  "Kind" text not null default 'Consultation',
  treatment text,
  remarks text,
  room text,
  begins timestamptz,
  finishes timestamptz,
  state text not null default 'scheduled',
  made_by text not null default 'cassius',
  price numeric not null default 0,
  changed_at timestamptz not null default now()
);
create index visits_begin on clinic.visits (practice, begins);

-- What happens in the app when a visit is written.
create table clinic.history (entry bigint generated always as identity primary key, visit_no bigint, what text);
create function clinic.note() returns trigger language plpgsql security definer set search_path = '' as $$
begin
  insert into clinic.history (visit_no, what) values (coalesce(new.visit_no, old.visit_no), lower(tg_op));
  return null;
end
$$;
create trigger visits_note after insert or update or delete on clinic.visits
  for each row execute function clinic.note();
create function clinic.touch() returns trigger language plpgsql set search_path = '' as $$
begin
  new.changed_at := clock_timestamp();
  return new;
end
$$;
create trigger visits_touch before update on clinic.visits for each row execute function clinic.touch();

create function clinic.my_practices() returns setof uuid language sql stable security definer set search_path = '' as $$
  select s.practice from clinic.staff s where s.login = (select auth.uid());
$$;
alter table clinic.practices enable row level security;
alter table clinic.staff enable row level security;
alter table clinic.people enable row level security;
alter table clinic.visits enable row level security;
alter table clinic.history enable row level security;
create policy "own practices" on clinic.practices for select to authenticated
  using (practice in (select clinic.my_practices()));
create policy "own staff" on clinic.staff for select to authenticated using (practice in (select clinic.my_practices()));
create policy "own people" on clinic.people for all to authenticated
  using (practice in (select clinic.my_practices())) with check (practice in (select clinic.my_practices()));
create policy "own visits" on clinic.visits for all to authenticated
  using (practice in (select clinic.my_practices())) with check (practice in (select clinic.my_practices()));
grant select on clinic.practices, clinic.staff to authenticated;
grant select, insert, update, delete on clinic.people, clinic.visits to authenticated;

-- Its data.
insert into auth.users (
  id, aud, role, email, encrypted_password, email_confirmed_at, raw_app_meta_data, raw_user_meta_data, created_at,
  updated_at, confirmation_token, recovery_token, email_change, email_change_token_new
)
select
  u.id, 'authenticated', 'authenticated', u.email, extensions.crypt('demo-password', extensions.gen_salt('bf')), now(),
  '{"provider": "email", "providers": ["email"]}', '{}', now(), now(), '', '', '', ''
from (values
  ('c1a13e00-0000-4000-8000-00000000000a'::uuid, 'claire@cabinet-lumiere.test'),
  ('3a2c0000-0000-4000-8000-00000000000b'::uuid, 'marc@cabinet-rivoli.test')
) as u (id, email);
insert into auth.identities (id, provider, provider_id, user_id, identity_data, last_sign_in_at, created_at, updated_at)
select u.id, 'email', u.id::text, u.id, jsonb_build_object('sub', u.id, 'email', u.email, 'email_verified', true),
  now(), now(), now()
from auth.users u;
insert into clinic.practices (practice, label) values
  ('a0000000-0000-4000-8000-000000000001', 'Clinique du Port'), ('a0000000-0000-4000-8000-000000000002', 'Clinique du Parc');
insert into clinic.staff (staff, practice, login, full_name, job) values
  ('b0000000-0000-4000-8000-000000000001', 'a0000000-0000-4000-8000-000000000001',
    'c1a13e00-0000-4000-8000-00000000000a', 'Dr Claire Moreau', 'owner'),
  ('b0000000-0000-4000-8000-000000000002', 'a0000000-0000-4000-8000-000000000002',
    '3a2c0000-0000-4000-8000-00000000000b', 'Dr Marc Delattre', 'dentist');
insert into clinic.people (person, practice, given, family) values
  ('d0000000-0000-4000-8000-000000000001', 'a0000000-0000-4000-8000-000000000001', 'Jeanne', 'Roux'),
  ('d0000000-0000-4000-8000-000000000002', 'a0000000-0000-4000-8000-000000000002', null, 'Petit');
insert into clinic.visits (visit, practice, dentist, person, "Kind", treatment, begins, finishes) values
  ('e0000000-0000-4000-8000-000000000001', 'a0000000-0000-4000-8000-000000000001',
    'b0000000-0000-4000-8000-000000000001', 'd0000000-0000-4000-8000-000000000001', 'Contrôle', 'Détartrage',
    now() + interval '2 days', now() + interval '2 days 1 hour');

-- What the sync needs of its host (docs/adopt.md), as Cassius has it: organisations and who belongs to them. The
-- membership table is the only truth about tenants. A host with tables of its own leaves the `_host_` files out.

create table public.organisations (
  id uuid primary key default gen_random_uuid(),
  name text not null check (btrim(name) <> '') constraint organisations_name_length check (length(name) <= 200),
  timezone text not null default 'Europe/Paris',
  event_title_template text not null default '[Cassius] {type} — {patient}'
    constraint organisations_event_title_template_length check (length(event_title_template) between 1 and 300),
  event_language text not null default 'fr'
    constraint organisations_event_language check (event_language in ('fr', 'en')),
  default_duration_minutes integer not null default 30 check (default_duration_minutes between 5 and 1440),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
comment on table public.organisations is 'A practice: the tenant.';
comment on column public.organisations.event_title_template is
  'Title of an exported event; {type}, {patient}, {practitioner}, {act} and {location} are filled in.';
comment on column public.organisations.event_language is
  'Language of the words that the sync itself writes into events; what people wrote stays as it is.';
comment on column public.organisations.default_duration_minutes is 'Length of an exported event whose rdv has no end.';

create table public.organisation_members (
  id uuid primary key default gen_random_uuid(),
  organisation_id uuid not null references public.organisations (id) on delete cascade,
  user_id uuid references auth.users (id) on delete set null,
  role text not null check (role in ('admin', 'practitioner', 'secretary')),
  display_name text not null check (btrim(display_name) <> '')
    constraint organisation_members_display_name_length check (length(display_name) <= 200),
  initials text constraint organisation_members_initials check (
    initials = btrim(initials) and length(initials) between 1 and 3
  ),
  color smallint not null constraint organisation_members_color check (color between 1 and 10),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (organisation_id, id),
  unique (organisation_id, user_id)
);
comment on table public.organisation_members is 'Who works in a practice. A member without user_id has no login.';
comment on column public.organisation_members.initials is
  'What marks the member in the calendar, beside the colour; null: made of the name.';
comment on column public.organisation_members.color is
  'Number of a colour of the calendar. A new member gets the one that the fewest of the practice have.';
create index organisation_members_user on public.organisation_members (user_id);

alter table public.organisations enable row level security;
alter table public.organisation_members enable row level security;
grant select on public.organisations, public.organisation_members to authenticated;
grant update (name, timezone, event_title_template, event_language, default_duration_minutes)
  on public.organisations to authenticated;
-- user_id is not writable: naming another person's login would make them a member against their will.
grant insert (organisation_id, role, display_name, initials, color),
  update (role, display_name, initials, color), delete
  on public.organisation_members to authenticated;
grant select, insert, update, delete on public.organisations, public.organisation_members to service_role;

create trigger organisations_time_zone before insert or update of timezone on public.organisations
  for each row execute function private.check_time_zone();
create trigger organisations_touch before update on public.organisations
  for each row execute function private.touch_updated_at();
create trigger organisation_members_touch before update on public.organisation_members
  for each row execute function private.touch_updated_at();
create trigger organisation_members_color before insert on public.organisation_members
  for each row when (new.color is null) execute function private.choose_color();
create trigger organisation_members_role before update of role on public.organisation_members
  for each row execute function private.keep_role();
create trigger organisation_members_administrator
  after update of role, user_id, organisation_id on public.organisation_members
  for each row when (
    old.role = 'admin' and old.user_id is not null
    and (new.role, new.user_id, new.organisation_id) is distinct from (old.role, old.user_id, old.organisation_id)
  ) execute function private.keep_an_administrator();
create trigger organisation_members_administrator_removed after delete on public.organisation_members
  for each row when (old.role = 'admin' and old.user_id is not null) execute function private.keep_an_administrator();

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

-- The planner keeps no statistics of what people write: they would tell of other practices.
alter table public.organisations
  alter column name set statistics 0, alter column event_title_template set statistics 0;
alter table public.organisation_members
  alter column display_name set statistics 0, alter column initials set statistics 0;

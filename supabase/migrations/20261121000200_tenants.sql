-- Organisations and who belongs to them. The membership table is the only truth about tenants.

create function private.is_time_zone(p_name text) returns boolean
language sql stable set search_path = ''
as $$
  -- An IANA name: the session's own zone table decides, so that what passes here also works in to-local conversions.
  select p_name ~ '^[A-Za-z]+(/[A-Za-z0-9_+-]+)*$' and exists (select 1 from pg_catalog.pg_timezone_names z where z.name = p_name);
$$;
comment on function private.is_time_zone(text) is 'Whether the server knows the IANA time zone.';
revoke execute on function private.is_time_zone(text) from public;

create table public.organisations (
  id uuid primary key default gen_random_uuid(),
  name text not null check (btrim(name) <> '') constraint organisations_name_length check (length(name) <= 200),
  timezone text not null default 'Europe/Paris',
  event_title_template text not null default '[Cassius] {type} — {patient}'
    constraint organisations_event_title_template_length check (length(event_title_template) between 1 and 300),
  default_duration_minutes integer not null default 30 check (default_duration_minutes between 5 and 1440),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
comment on table public.organisations is 'A practice: the tenant.';
comment on column public.organisations.event_title_template is 'Title of an exported event; {type}, {patient}, {practitioner}, {act} and {location} are filled in.';
comment on column public.organisations.default_duration_minutes is 'Length of an exported event whose rdv has no end.';

create function private.check_time_zone() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  if not private.is_time_zone(new.timezone) then
    raise exception 'Set the time zone: % is no IANA time zone', new.timezone using errcode = '22023';
  end if;
  return new;
end
$$;
comment on function private.check_time_zone() is 'Refuses an organisation whose zone nobody could compute with.';
revoke execute on function private.check_time_zone() from public;

create trigger organisations_time_zone before insert or update of timezone on public.organisations
  for each row execute function private.check_time_zone();
create trigger organisations_touch before update on public.organisations
  for each row execute function private.touch_updated_at();

create table public.organisation_members (
  id uuid primary key default gen_random_uuid(),
  organisation_id uuid not null references public.organisations (id) on delete cascade,
  user_id uuid references auth.users (id) on delete set null,
  role text not null check (role in ('admin', 'practitioner', 'secretary')),
  display_name text not null check (btrim(display_name) <> '')
    constraint organisation_members_display_name_length check (length(display_name) <= 200),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (organisation_id, id),
  unique (organisation_id, user_id)
);
comment on table public.organisation_members is 'Who works in a practice. A member without user_id has no login.';
create index organisation_members_user on public.organisation_members (user_id);
create trigger organisation_members_touch before update on public.organisation_members
  for each row execute function private.touch_updated_at();

create function private.my_organisations() returns setof uuid
language sql stable security definer set search_path = ''
as $$
  select m.organisation_id from public.organisation_members m where m.user_id = (select auth.uid());
$$;
comment on function private.my_organisations() is 'The organisations of the caller, for row level security.';

create function private.my_administered_organisations() returns setof uuid
language sql stable security definer set search_path = ''
as $$
  select m.organisation_id from public.organisation_members m where m.user_id = (select auth.uid()) and m.role = 'admin';
$$;
comment on function private.my_administered_organisations() is 'The organisations that the caller administers, for row level security.';

revoke execute on function private.my_organisations(), private.my_administered_organisations() from public;
grant execute on function private.my_organisations(), private.my_administered_organisations() to authenticated;
-- Policies name these functions, and some pollers resolve names: the schema may be named, nothing in it may be read.
grant usage on schema private to authenticated, service_role;

create function private.keep_role() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  -- Who may rename themselves must not promote themselves on the way.
  if new.role is distinct from old.role and (select auth.uid()) is not null
    and old.organisation_id not in (select private.my_administered_organisations()) then
    raise exception 'Change the role: only an administrator may' using errcode = '42501';
  end if;
  return new;
end
$$;
comment on function private.keep_role() is 'Only administrators change roles, their own included.';
revoke execute on function private.keep_role() from public;
create trigger organisation_members_role before update of role on public.organisation_members
  for each row execute function private.keep_role();

alter table public.organisations enable row level security;
alter table public.organisation_members enable row level security;
revoke all on public.organisations, public.organisation_members from public, anon, authenticated;
grant select on public.organisations, public.organisation_members to authenticated;
grant update (name, timezone, event_title_template, default_duration_minutes) on public.organisations to authenticated;
-- user_id is not writable: naming somebody else's login would make them a member against their will.
grant insert (organisation_id, role, display_name), update (role, display_name), delete on public.organisation_members to authenticated;
grant select, insert, update, delete on public.organisations, public.organisation_members to service_role;

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

create function public.member_contexts(p_user uuid) returns jsonb
language sql stable security definer set search_path = ''
as $$
  select coalesce(
    jsonb_agg(
      jsonb_build_object(
        'organisationId', o.id, 'organisationName', o.name, 'memberId', m.id, 'role', m.role,
        'timezone', o.timezone, 'displayName', m.display_name
      ) order by o.name, o.id
    ),
    '[]'::jsonb
  )
  from public.organisation_members m
  join public.organisations o on o.id = m.organisation_id
  where m.user_id = p_user;
$$;
comment on function public.member_contexts(uuid) is 'Service only: the memberships of a user, from which a request''s organisation and role are derived.';
revoke execute on function public.member_contexts(uuid) from public, anon, authenticated;
grant execute on function public.member_contexts(uuid) to service_role;

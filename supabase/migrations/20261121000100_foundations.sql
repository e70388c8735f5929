-- Extensions, the schema that the API does not serve, and the clock.

create schema if not exists extensions;
create extension if not exists pgcrypto with schema extensions;
create extension if not exists pg_net with schema extensions;
create extension if not exists pg_cron with schema pg_catalog;

-- pgsodium is no longer created on new projects and may be missing altogether: the sealing migration looks at what is
-- here.
do $$
begin
  create extension if not exists pgsodium;
exception
  when others then
    raise warning 'Create extension pgsodium: % (tokens will be sealed by Vault)', sqlerrm;
end
$$;

do $$
begin
  create extension if not exists supabase_vault with schema vault cascade;
exception
  when others then
    raise warning 'Create extension supabase_vault: %', sqlerrm;
end
$$;

create schema if not exists private;
comment on schema private is
  'Outbox, lanes, credentials and everything else that no API serves. Reached only through narrow security definer '
  'functions.';
revoke all on schema private from public;
-- Policies name these functions, and some pollers resolve names: the schema may be named, nothing in it may be read.
grant usage on schema private to authenticated, service_role;

create table private.default_privileges (
  object_type "char" not null,
  schema text not null,
  grantee text not null,
  privilege text not null
);
comment on table private.default_privileges is
  'What this role granted by default before the sync came: `npm run uninstall` gives it back.';
alter table private.default_privileges enable row level security;
insert into private.default_privileges (object_type, schema, grantee, privilege)
select d.defaclobjtype, coalesce(n.nspname, ''), coalesce(r.rolname, 'public'), a.privilege_type
from pg_catalog.pg_default_acl d
left join pg_catalog.pg_namespace n on n.oid = d.defaclnamespace
cross join pg_catalog.aclexplode(d.defaclacl) a
left join pg_catalog.pg_roles r on r.oid = a.grantee
where d.defaclrole = current_user::regrole
union all
-- What Postgres grants by itself is written nowhere.
select 'f', '', 'public', 'EXECUTE'
where not exists (
  select from pg_catalog.pg_default_acl d
  where d.defaclrole = current_user::regrole and d.defaclnamespace = 0 and d.defaclobjtype = 'f'
);

-- What this role creates is reachable by its owner alone until a migration grants it. The right of PUBLIC to execute is
-- a global default, which only the form without a schema takes away; a hosted project made before May 2026 also has
-- defaults for the API roles in public.
alter default privileges revoke execute on functions from public;
alter default privileges in schema public revoke all on tables from public, anon, authenticated, service_role;
alter default privileges in schema public revoke all on sequences from public, anon, authenticated, service_role;
alter default privileges in schema public revoke all on functions from public, anon, authenticated, service_role;

create table private.app_config (
  key text primary key,
  value text,
  sealed jsonb,
  updated_at timestamptz not null default now()
);
comment on table private.app_config is
  'Deployment settings. Secrets are sealed, in a column of their own, never in value.';
alter table private.app_config enable row level security;

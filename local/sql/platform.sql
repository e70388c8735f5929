-- What a hosted project has before its first migration: roles, schemas, and the functions that policies call.
-- Written so that it can run again, and on a database that already has part of it.

do $$
declare
  wanted record;
begin
  for wanted in
    select * from (values
      ('postgres', 'login createdb createrole replication bypassrls'),
      ('anon', 'nologin'),
      ('authenticated', 'nologin'),
      ('service_role', 'nologin bypassrls'),
      ('authenticator', 'login noinherit'),
      ('supabase_auth_admin', 'login noinherit createrole'),
      -- how the local REST server logs in: it reads the catalogue as these roles and takes on one of them for each request
      ('local_rest', 'login inherit')
    ) as roles (name, attributes)
  loop
    if not exists (select from pg_roles where rolname = wanted.name) then
      execute format('create role %I %s', wanted.name, wanted.attributes);
    end if;
  end loop;
end
$$;

grant anon, authenticated, service_role to postgres with admin option;
grant authenticator to postgres with admin option;
grant anon, authenticated, service_role to authenticator;
grant anon, authenticated, service_role to local_rest;
grant pg_monitor, pg_read_all_data, pg_signal_backend to postgres;

alter role anon set statement_timeout = '3s';
alter role authenticated set statement_timeout = '8s';
alter role authenticator set statement_timeout = '8s';
alter role local_rest set statement_timeout = '8s';
alter role local_rest set lock_timeout = '8s';
alter role supabase_auth_admin set search_path = 'auth';

create schema if not exists extensions authorization postgres;
grant usage on schema extensions to public;
grant all on schema extensions to postgres;
create extension if not exists pgcrypto with schema extensions;
create extension if not exists "uuid-ossp" with schema extensions;

grant usage on schema public to postgres, anon, authenticated, service_role;
-- Projects made before May 2026 grant the API roles everything on what is created in public, newer ones nothing: the
-- stand-in is the generous one, so that a grant which a migration forgot to take away shows here.
do $$
declare
  kind text;
begin
  if to_regclass('supabase_migrations.schema_migrations') is not null then
    return;
  end if;
  foreach kind in array array['tables', 'sequences', 'functions'] loop
    execute format(
      'alter default privileges for role postgres in schema public grant all on %s to anon, authenticated, service_role', kind);
  end loop;
end
$$;

create schema if not exists auth authorization supabase_auth_admin;
grant usage on schema auth to anon, authenticated, service_role, postgres;

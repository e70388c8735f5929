create schema cron;

create sequence cron.jobid_seq;
create sequence cron.runid_seq;

create table cron.job (
  jobid bigint primary key default nextval('cron.jobid_seq'),
  schedule text not null,
  command text not null,
  nodename text not null default 'localhost',
  nodeport integer not null default inet_server_port(),
  database text not null default current_database(),
  username text not null default current_user,
  active boolean not null default true,
  jobname text
);
create unique index jobname_username_uniq on cron.job (jobname, username);
alter table cron.job enable row level security;
create policy cron_job_policy on cron.job using (username = current_user);

create table cron.job_run_details (
  jobid bigint,
  runid bigint primary key default nextval('cron.runid_seq'),
  job_pid integer,
  database text,
  username text,
  command text,
  status text,
  return_message text,
  start_time timestamptz,
  end_time timestamptz
);
alter table cron.job_run_details enable row level security;
create policy cron_job_run_details_policy on cron.job_run_details using (username = current_user);

select pg_extension_config_dump('cron.job', '');
select pg_extension_config_dump('cron.jobid_seq', '');

create function cron.job_cache_invalidate() returns trigger
language plpgsql as $$
begin
  perform pg_notify('pg_cron_changed', '');
  return null;
end
$$;
create trigger cron_job_cache_invalidate after insert or update or delete or truncate on cron.job
for each statement execute function cron.job_cache_invalidate();

-- one field of a schedule: lists of values, ranges and steps, inside its bounds
create function cron._valid_field(field text, lowest integer, highest integer, names text[] default '{}') returns boolean
language plpgsql immutable as $$
declare
  item text;
  parts text[];
  ends text[];
  bound text;
  number integer;
begin
  foreach item in array string_to_array(lower(field), ',') loop
    parts := string_to_array(item, '/');
    if array_length(parts, 1) > 2 or (array_length(parts, 1) = 2 and parts[2] !~ '^[1-9][0-9]?$') then
      return false;
    end if;
    continue when parts[1] = '*';
    ends := string_to_array(parts[1], '-');
    if ends is null or array_length(ends, 1) > 2 then
      return false;
    end if;
    foreach bound in array ends loop
      if bound ~ '^[0-9]{1,2}$' then
        number := bound::integer;
        if number < lowest or number > highest then
          return false;
        end if;
      elsif not bound = any (names) then
        return false;
      end if;
    end loop;
  end loop;
  return field <> '';
end
$$;

create function cron._valid_schedule(schedule text) returns boolean
language plpgsql immutable as $$
declare
  fields text[] := regexp_split_to_array(trim(schedule), '\s+');
begin
  if schedule ~* '^\s*[1-9][0-9]?\s+seconds?\s*$' then
    return fields[1]::integer between 1 and 59;
  end if;
  if lower(trim(schedule)) = any (array['@yearly', '@annually', '@monthly', '@weekly', '@daily', '@midnight', '@hourly']) then
    return true;
  end if;
  -- what follows the five is never looked at
  if array_length(fields, 1) < 5 then
    return false;
  end if;
  return cron._valid_field(fields[1], 0, 59)
    and cron._valid_field(fields[2], 0, 23)
    and (fields[3] = '$' or cron._valid_field(fields[3], 1, 31))
    and cron._valid_field(fields[4], 1, 12, array['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'])
    and cron._valid_field(fields[5], 0, 7, array['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']);
end
$$;

-- the name a caller acts under: security definer hides it from current_user, and SET ROLE hides the login from session_user
create function cron._caller() returns text
language sql stable as $$
  select case when current_setting('role') = 'none' then session_user::text else current_setting('role') end
$$;

create function cron._put(
  job_name text, job_schedule text, job_command text, job_database text, job_username text, job_active boolean
) returns bigint
language plpgsql security definer set search_path = '' as $$
declare
  id bigint;
  caller text := cron._caller();
begin
  if job_schedule is null or not cron._valid_schedule(job_schedule) then
    raise exception 'invalid schedule: %', job_schedule
      using errcode = '22023', hint = 'Use cron format (e.g. 5 4 * * *), or interval format ''[1-59] seconds''';
  end if;
  if job_username is not null and job_username <> caller
    and not (select rolsuper from pg_catalog.pg_roles where rolname = caller) then
    raise exception 'must be superuser to create a job for another role' using errcode = '42501';
  end if;
  insert into cron.job (schedule, command, database, username, active, jobname)
  values (job_schedule, job_command, coalesce(job_database, current_database()), coalesce(job_username, caller), job_active, job_name)
  on conflict (jobname, username) do update
    set schedule = excluded.schedule, command = excluded.command, database = excluded.database, active = excluded.active
  returning jobid into id;
  return id;
end
$$;

create function cron.schedule(job_name text, schedule text, command text) returns bigint
language sql volatile as $$ select cron._put(job_name, schedule, command, null, null, true) $$;

create function cron.schedule(schedule text, command text) returns bigint
language sql volatile as $$ select cron._put(null, schedule, command, null, null, true) $$;

create function cron.schedule_in_database(
  job_name text, schedule text, command text, database text, username text default null, active boolean default true
) returns bigint
language sql volatile as $$ select cron._put(job_name, schedule, command, database, username, active) $$;

create function cron.unschedule(job_id bigint) returns boolean
language plpgsql security definer set search_path = '' as $$
begin
  delete from cron.job where jobid = job_id and username = cron._caller();
  if not found then
    raise exception 'could not find valid entry for job %', job_id using errcode = 'XX000';
  end if;
  return true;
end
$$;

create function cron.unschedule(job_name text) returns boolean
language plpgsql security definer set search_path = '' as $$
begin
  delete from cron.job where jobname = job_name and username = cron._caller();
  if not found then
    raise exception 'could not find valid entry for job ''%''', job_name using errcode = 'XX000';
  end if;
  return true;
end
$$;

create function cron.alter_job(
  job_id bigint, schedule text default null, command text default null, database text default null, username text default null,
  active boolean default null
) returns void
language plpgsql security definer set search_path = '' as $$
begin
  if alter_job.schedule is not null and not cron._valid_schedule(alter_job.schedule) then
    raise exception 'invalid schedule: %', alter_job.schedule using errcode = '22023';
  end if;
  if alter_job.username is not null and alter_job.username <> cron._caller() then
    raise exception 'must be superuser to alter the role of a job' using errcode = '42501';
  end if;
  update cron.job j set
    schedule = coalesce(alter_job.schedule, j.schedule),
    command = coalesce(alter_job.command, j.command),
    database = coalesce(alter_job.database, j.database),
    active = coalesce(alter_job.active, j.active)
  where j.jobid = job_id and j.username = cron._caller();
  if not found then
    raise exception 'Job % does not exist or you don''t own it', job_id using errcode = 'XX000';
  end if;
end
$$;

revoke all on all functions in schema cron from public;
-- the schema itself is closed: only roles that were granted it reach its objects
grant select on cron.job to public;
grant select, delete on cron.job_run_details to public;
grant execute on function cron._caller(), cron._valid_schedule(text), cron._valid_field(text, integer, integer, text[]) to public;
grant execute on function
  cron.schedule(text, text, text), cron.schedule(text, text), cron._put(text, text, text, text, text, boolean),
  cron.unschedule(bigint), cron.unschedule(text), cron.alter_job(bigint, text, text, text, text, boolean) to public;

do $$
begin
  if exists (select from pg_roles where rolname = 'postgres') then
    grant usage on schema cron to postgres with grant option;
    grant execute on all functions in schema cron to postgres with grant option;
    grant select on cron.job to postgres with grant option;
    grant all on cron.job_run_details to postgres with grant option;
  end if;
end
$$;

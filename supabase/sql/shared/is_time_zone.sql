create or replace function private.is_time_zone(p_name text) returns boolean
language sql stable set search_path = ''
as $$
  -- An IANA name: the session's own zone table decides, so that what passes here also works in to-local conversions.
  select p_name ~ '^[A-Za-z]+(/[A-Za-z0-9_+-]+)*$'
    and exists (select 1 from pg_catalog.pg_timezone_names z where z.name = p_name);
$$;
comment on function private.is_time_zone(text) is 'Whether the server knows the IANA time zone.';

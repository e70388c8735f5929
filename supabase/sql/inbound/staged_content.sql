create or replace function private.staged_content(s private.import_staging) returns jsonb
language sql stable set search_path = ''
as $$
  select case when s.has_content then jsonb_build_object(
    'title', coalesce(s.title, ''), 'description', coalesce(s.description, ''), 'location', coalesce(s.location, ''),
    'availability', s.availability, 'visibility', s.visibility,
    'time', case
      when s.all_day then jsonb_build_object('kind', 'all_day', 'startDay', s.start_day, 'endDay', s.end_day)
      else jsonb_build_object(
        'kind', 'timed',
        'startsAt', to_char(s.start_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
        'endsAt', to_char(s.end_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
        'timeZone', s.time_zone
      )
    end
  ) end;
$$;
comment on function private.staged_content(private.import_staging) is 'The content of a staged event in the shape of the provider port.';

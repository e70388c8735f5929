create or replace function private.staged_content(p_event private.import_staging) returns jsonb
language plpgsql stable set search_path = ''
as $$
begin
  return case when p_event.has_content then jsonb_build_object(
    'title', coalesce(p_event.title, ''), 'description', coalesce(p_event.description, ''),
    'location', coalesce(p_event.location, ''), 'availability', p_event.availability, 'visibility', p_event.visibility,
    'time', case
      when p_event.all_day then jsonb_build_object('kind', 'all_day', 'startDay', p_event.start_day,
        'endDay', p_event.end_day)
      else jsonb_build_object(
        'kind', 'timed',
        'startsAt', to_char(p_event.start_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
        'endsAt', to_char(p_event.end_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
        'timeZone', p_event.time_zone
      )
    end
  ) end;
end
$$;
comment on function private.staged_content(private.import_staging) is
  'The content of a staged event in the shape of the provider port.';

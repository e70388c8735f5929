create or replace function private.event_time(e public.external_events) returns jsonb
language sql stable set search_path = ''
as $$
  select case
    when e.all_day then jsonb_build_object('kind', 'all_day', 'startDay', e.start_day, 'endDay', e.end_day)
    else jsonb_build_object('kind', 'timed', 'startsAt', e.start_at, 'endsAt', e.end_at, 'timeZone', e.time_zone)
  end;
$$;
comment on function private.event_time(public.external_events) is
  'When an event of others takes place: EventTime of the provider port.';

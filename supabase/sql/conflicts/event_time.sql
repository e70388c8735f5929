create or replace function private.event_time(p_event public.external_events) returns jsonb
language sql stable set search_path = ''
as $$
  select case
    when p_event.all_day then jsonb_build_object('kind', 'all_day', 'startDay', p_event.start_day,
      'endDay', p_event.end_day)
    else jsonb_build_object('kind', 'timed', 'startsAt', p_event.start_at, 'endsAt', p_event.end_at,
      'timeZone', p_event.time_zone)
  end;
$$;
comment on function private.event_time(public.external_events) is
  'When an event of others takes place: EventTime of the provider port.';

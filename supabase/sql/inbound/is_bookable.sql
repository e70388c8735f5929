create or replace function private.is_bookable(p_event public.external_events) returns boolean
language sql immutable set search_path = ''
as $$
  select not p_event.all_day and p_event.end_at > p_event.start_at;
$$;
comment on function private.is_bookable(public.external_events) is
  'Whether an appointment can be at the event''s time: whole days and no length are none.';

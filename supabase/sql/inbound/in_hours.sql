create or replace function private.in_hours(p_at timestamptz, p_zone text) returns timestamptz
language plpgsql volatile set search_path = ''
as $$
declare
  v_local constant timestamp := p_at at time zone p_zone;
  v_opening timestamptz;
begin
  if v_local::time between time '07:00' and time '20:00' then
    return p_at;
  end if;
  v_opening := (v_local::date + case when v_local::time > time '20:00' then 1 else 0 end + time '07:00')
    at time zone p_zone;
  return greatest(p_at, v_opening - random() * interval '2 hours');
end
$$;
comment on function private.in_hours(timestamptz, text) is
  'The same time, or, where practices are closed by then, one in the two hours before they open again.';

create or replace function private.ms_until(p_at timestamptz) returns double precision
language plpgsql stable security definer set search_path = ''
as $$
begin
  return ceil(extract(epoch from greatest(p_at - private.clock(), case when p_at is not null then interval '0' end))
    * 1000);
end
$$;
comment on function private.ms_until(timestamptz) is
  'In how many milliseconds a time comes, none where it is over; null where there is no such time.';

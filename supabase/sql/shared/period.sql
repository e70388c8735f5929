create or replace function private.period(p_starts timestamptz, p_ends timestamptz) returns tstzrange
language sql immutable parallel safe set search_path = ''
as $$
  -- Minutes are the same length in every zone, so this is immutable although Postgres cannot know it.
  select case
    when p_starts is null then null
    when p_ends > p_starts then tstzrange(p_starts, p_ends)
    when p_ends is null then tstzrange(p_starts, p_starts + interval '30 minutes')
    else tstzrange(p_starts, p_starts, '[]')
  end;
$$;
comment on function private.period(timestamptz, timestamptz) is
  'The time that an appointment or event takes; half an hour where nobody said when it ends.';
grant execute on function private.period(timestamptz, timestamptz) to authenticated, service_role;

create or replace function private.period(p_starts timestamptz, p_ends timestamptz, p_usual interval) returns tstzrange
language sql immutable parallel safe set search_path = ''
as $$
  -- Minutes are the same length in every zone, so this is immutable although Postgres cannot know it.
  select case
    when p_starts is null then null
    when p_ends > p_starts then tstzrange(p_starts, p_ends)
    when p_ends is null then tstzrange(p_starts, p_starts + p_usual)
    else tstzrange(p_starts, p_starts, '[]')
  end;
$$;
comment on function private.period(timestamptz, timestamptz, interval) is
  'The time that an appointment takes. p_usual: usual_length of its practice, for one without an end.';

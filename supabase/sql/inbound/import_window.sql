create or replace function private.import_window(
  p_connection public.calendar_integrations, p_calendar private.calendar_cursors, p_manual boolean, p_from timestamptz,
  p_to timestamptz,
  out full_reading boolean, out events boolean, out from_at timestamptz, out to_at timestamptz, out read_to timestamptz
)
language plpgsql stable security definer set search_path = ''
as $$
begin
  events := p_manual or coalesce(private.follows(p_connection, p_calendar.calendar_id), 'source') = 'source';
  select coalesce(import_window.p_from, d.p_from), coalesce(import_window.p_to, d.p_to) into from_at, to_at
  from private.default_window(p_connection) d;
  -- Our own events are followed wherever they lie; the bound moves once a month, so that the cursor lives that long.
  read_to := case
    when p_connection.export_enabled and private.holds_ours(p_connection, p_calendar.calendar_id)
      then greatest(to_at, date_trunc('month', private.clock()) + interval '13 months')
    else to_at
  end;
  full_reading := p_calendar.sync_token is null or (events and not p_calendar.covers_events)
    or p_calendar.window_from > from_at or p_calendar.window_to < to_at
    or coalesce(p_calendar.read_to, p_calendar.window_to) < read_to;
  if not full_reading then
    from_at := p_calendar.window_from;
    to_at := p_calendar.window_to;
    read_to := greatest(p_calendar.read_to, p_calendar.window_to);
  elsif p_calendar.window_from <= to_at and p_calendar.window_to >= from_at
    and greatest(p_calendar.window_to, to_at) - least(p_calendar.window_from, from_at) <= interval '400 days' then
    -- What was followed stays followed, after the end of a token too; a scheduled window leaves the past behind as it
    -- slides.
    from_at := case when p_manual then least(p_calendar.window_from, from_at)
      else greatest(least(p_calendar.window_from, from_at), from_at - interval '31 days') end;
    to_at := greatest(p_calendar.window_to, to_at);
    read_to := greatest(read_to, to_at);
  end if;
end
$$;
comment on function private.import_window(public.calendar_integrations, private.calendar_cursors, boolean, timestamptz,
  timestamptz) is
  'What a run reads: in full or from its token, events of others too or only ours, from when to when, and ours up to '
  'when.';

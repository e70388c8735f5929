create or replace function private.import_window(
  i public.calendar_integrations, c private.calendar_cursors, p_manual boolean, p_from timestamptz, p_to timestamptz,
  out full_reading boolean, out events boolean, out from_at timestamptz, out to_at timestamptz, out read_to timestamptz
)
language plpgsql stable security definer set search_path = ''
as $$
begin
  events := p_manual or coalesce(private.follows(i, c.calendar_id), 'source') = 'source';
  select coalesce(import_window.p_from, d.p_from), coalesce(import_window.p_to, d.p_to) into from_at, to_at from private.default_window(i) d;
  -- Our own events are followed wherever they lie; the bound moves once a month, so that the cursor lives that long.
  read_to := case
    when i.two_way <> 'off' and i.export_enabled and i.calendar_target_id = c.calendar_id
      then greatest(to_at, date_trunc('month', private.clock()) + interval '13 months')
    else to_at
  end;
  full_reading := c.sync_token is null or (events and not c.covers_events) or c.window_from > from_at or c.window_to < to_at
    or coalesce(c.read_to, c.window_to) < read_to;
  if not full_reading then
    from_at := c.window_from;
    to_at := c.window_to;
    read_to := greatest(c.read_to, c.window_to);
  elsif c.window_from <= to_at and c.window_to >= from_at
    and greatest(c.window_to, to_at) - least(c.window_from, from_at) <= interval '400 days' then
    -- What was followed stays followed, after the end of a token too; a scheduled window leaves the past behind as it slides.
    from_at := case when p_manual then least(c.window_from, from_at)
      else greatest(least(c.window_from, from_at), from_at - interval '31 days') end;
    to_at := greatest(c.window_to, to_at);
    read_to := greatest(read_to, to_at);
  end if;
end
$$;
comment on function private.import_window(public.calendar_integrations, private.calendar_cursors, boolean, timestamptz, timestamptz) is 'What a run reads: in full or from its token, events of others too or only ours, from when to when, and ours up to when.';

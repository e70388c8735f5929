create or replace function private.regular_poll(p_cursor private.calendar_cursors) returns timestamptz
language plpgsql volatile security definer set search_path = ''
as $$
declare
  v_now constant timestamptz := private.clock();
  v_channel_ends timestamptz;
  v_zone text;
begin
  if p_cursor.push_proven_at > v_now - interval '7 days' then
    select max(w.expires_at) into v_channel_ends from private.watch_channels w
    where w.integration_id = p_cursor.integration_id and w.calendar_id = p_cursor.calendar_id
      and w.resource_id is not null and w.replaced_at is null and w.missed = 0 and w.expires_at > v_now;
  end if;
  if v_channel_ends is null then
    return v_now + private.jittered(private.import_interval(p_cursor.provider, false));
  end if;
  select g.timezone into v_zone from public.organisations g where g.id = p_cursor.organisation_id;
  return least(
    v_channel_ends,
    private.in_hours(v_now + private.jittered(private.import_interval(p_cursor.provider, true)), v_zone));
end
$$;
comment on function private.regular_poll(private.calendar_cursors) is
  'When the schedule reads a calendar next: a few times a day where a living channel has told, lately, what a reading '
  'then found, and soon where none has.';

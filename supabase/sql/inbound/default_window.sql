create or replace function private.default_window(
  p_connection public.calendar_integrations, out p_from timestamptz, out p_to timestamptz
)
language plpgsql stable security definer set search_path = ''
as $$
begin
  select
    case p_connection.import_range_default when 'month' then date_trunc('month', t.day)
      else t.day end at time zone g.timezone,
    case p_connection.import_range_default
      when '7d' then t.day + interval '7 days'
      when 'month' then date_trunc('month', t.day) + interval '1 month'
      else t.day + interval '30 days'
    end at time zone g.timezone
  into p_from, p_to
  from public.organisations g
  cross join lateral (select date_trunc('day', private.clock() at time zone g.timezone) as day) t
  where g.id = p_connection.organisation_id;
end
$$;
comment on function private.default_window(public.calendar_integrations) is
  'The range that the person chose, from today in the practice''s zone.';

create or replace function private.holds_ours(p_connection public.calendar_integrations, p_calendar text)
returns boolean
language plpgsql stable security definer set search_path = ''
as $$
begin
  return (
    select case when p_connection.calendar_target_id = p_calendar then true else exists (
      select from public.appointment_external_links l
      join private.link_states s on s.link_id = l.id and private.has_event(s.state)
      join public.rdv r on r.id = l.rdv_id
      where l.integration_id = p_connection.id and l.external_calendar_id = p_calendar
        and coalesce(r.ends_at, r.starts_at) > private.clock() - interval '1 day'
    ) end
  );
end
$$;
comment on function private.holds_ours(public.calendar_integrations, text) is
  'Whether events of ours are to be followed in a calendar: in the target, and where a person moved one that is not '
  'over.';

create or replace function private.take_back_colleagues(p_connection public.calendar_integrations) returns void
language plpgsql security definer set search_path = ''
as $$
begin
  update private.link_states s set erase_since = coalesce(s.erase_since, private.clock()), updated_at = now()
  from public.appointment_external_links l
  join public.rdv r on r.id = l.rdv_id
  left join public.organisation_members m on m.organisation_id = r.organisation_id and m.id = r.practitioner_id
  where l.integration_id = p_connection.id and s.link_id = l.id and private.has_event(s.state)
    and m.user_id is distinct from p_connection.user_id;
  perform private.resume_erasures(p_connection.id);
end
$$;
comment on function private.take_back_colleagues(public.calendar_integrations) is
  'Has the events of colleagues removed from a calendar that exports nothing; where the account is disconnected, once '
  'it is connected again.';

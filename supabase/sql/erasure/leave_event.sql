create or replace function private.leave_event() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  insert into private.left_events (
    organisation_id, provider, account_id, account_email, calendar_id, event_id, rdv_id, epoch, patient_id, erase_since,
    left_at
  )
  select i.organisation_id, i.provider, i.account_id, i.account_email, old.external_calendar_id, old.external_event_id,
    old.rdv_id, old.epoch, s.patient_id, s.erase_since, private.clock()
  from private.link_states s
  join public.calendar_integrations i on i.id = old.integration_id
  join public.organisations o on o.id = i.organisation_id
  where s.link_id = old.id and private.has_event(s.state) and old.external_calendar_id is not null
  on conflict do nothing;
  return old;
end
$$;
comment on function private.leave_event() is
  'Before-row trigger: a link that goes before its event leaves the event''s id behind.';

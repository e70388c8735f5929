create or replace function private.find_left_events() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  with back as (
    insert into public.appointment_external_links (
      organisation_id, rdv_id, integration_id, provider, external_calendar_id, external_event_id, epoch, sync_status
    )
    select e.organisation_id, e.rdv_id, new.id, e.provider, e.calendar_id, e.event_id, e.epoch,
      private.sync_status('live', false, false)
    from private.left_events e
    where e.organisation_id = new.organisation_id and e.provider = new.provider and e.account_id = new.account_id
    on conflict do nothing
    returning id, external_calendar_id, external_event_id
  ), taken as (
    delete from private.left_events e using back b
    where e.organisation_id = new.organisation_id and e.provider = new.provider and e.account_id = new.account_id
      and e.calendar_id = b.external_calendar_id and e.event_id = b.external_event_id
    returning b.id, e.patient_id, e.erase_since
  )
  insert into private.link_states (link_id, integration_id, state, patient_id, erase_since)
  select t.id, new.id, 'live', t.patient_id, t.erase_since from taken t;
  perform private.resume_erasures(new.id);
  return null;
end
$$;
comment on function private.find_left_events() is
  'After-row trigger: an account that is connected again has its events again, and what could not be erased meanwhile '
  'is erased now.';

create or replace function private.rename_revisits(
  p_connection public.calendar_integrations, p_calendar text
) returns void
language plpgsql security definer set search_path = ''
as $$
begin
  with old as (
    delete from private.import_revisits v
    using public.appointment_external_links l
    where v.integration_id = p_connection.id and v.calendar_id = p_calendar
      and l.integration_id = p_connection.id and l.rdv_id = v.rdv_id and l.external_event_id <> v.event_id
    returning v.rdv_id, v.since, l.external_calendar_id, l.external_event_id
  )
  insert into private.import_revisits (integration_id, calendar_id, event_id, rdv_id, since)
  select p_connection.id, p_calendar, o.external_event_id, o.rdv_id, o.since from old o
  where o.external_calendar_id = p_calendar
  on conflict do nothing;
end
$$;
comment on function private.rename_revisits(public.calendar_integrations, text) is
  'Events to be looked at by themselves whose id was not the provider''s yet when a reading passed them by.';

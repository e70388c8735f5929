create or replace function private.book_events(p_events uuid[]) returns void
language plpgsql security definer set search_path = ''
as $$
begin
  -- The appointment takes the id of its event's row: one event can never become two appointments.
  insert into public.rdv (id, organisation_id, practitioner_id, type, notes, location, starts_at, ends_at, status,
    source)
  select e.id, e.organisation_id, private.practitioner_of(e.integration_id), private.imported_type(e.summary),
    e.description, e.location, e.start_at, e.end_at, 'scheduled', e.provider
  from public.external_events e where e.id = any (p_events)
  on conflict (id) do nothing;
  update public.external_events e set
    cassius_appointment_id = e.id, became_rdv_at = coalesce(e.became_rdv_at, private.clock()),
    timed_before = null, updated_at = now()
  where e.id = any (p_events);
end
$$;
comment on function private.book_events(uuid[]) is 'Makes an appointment of each of these events of others.';

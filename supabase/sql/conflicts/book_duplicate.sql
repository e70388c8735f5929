create or replace function private.book_duplicate(
  question public.sync_conflicts, duplicate private.settled_rdv, p_event uuid
) returns void
language plpgsql security definer set search_path = ''
as $$
begin
  -- The appointment takes the id of the question: answered twice, there is one.
  insert into public.rdv (
    id, organisation_id, practitioner_id, patient_id, type, act, notes, location, starts_at, ends_at, status, source
  )
  values (
    question.id, question.organisation_id, duplicate.practitioner_id, duplicate.patient_id, duplicate.type, duplicate.act,
    duplicate.notes, duplicate.location, duplicate.starts_at, duplicate.ends_at, duplicate.status, duplicate.source
  )
  on conflict (id) do nothing;
  -- An event of others goes on with the second appointment.
  update public.external_events e set
    cassius_appointment_id = question.id, became_rdv_at = coalesce(e.became_rdv_at, private.clock())
  where e.id = p_event;
end
$$;
comment on function private.book_duplicate(public.sync_conflicts, private.settled_rdv, uuid) is
  'Makes a second appointment of what the calendar shows. p_event: the event of others that it follows; null: none.';

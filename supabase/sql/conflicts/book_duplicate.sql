create or replace function private.book_duplicate(
  p_question public.sync_conflicts, p_duplicate private.settled_rdv, p_event uuid
) returns void
language plpgsql security definer set search_path = ''
as $$
begin
  -- The appointment takes the id of the question: answered twice, there is one.
  insert into public.rdv (
    id, organisation_id, practitioner_id, patient_id, type, act, notes, location, starts_at, ends_at, status, source
  )
  values (
    p_question.id, p_question.organisation_id, p_duplicate.practitioner_id, p_duplicate.patient_id, p_duplicate.type,
    p_duplicate.act,
    p_duplicate.notes, p_duplicate.location, p_duplicate.starts_at, p_duplicate.ends_at, p_duplicate.status,
    p_duplicate.source
  )
  on conflict (id) do nothing;
  -- An event of others goes on with the second appointment.
  update public.external_events e set
    cassius_appointment_id = p_question.id, became_rdv_at = coalesce(e.became_rdv_at, private.clock()),
    timed_before = null
  where e.id = p_event;
end
$$;
comment on function private.book_duplicate(public.sync_conflicts, private.settled_rdv, uuid) is
  'Makes a second appointment of what the calendar shows. p_event: the event of others that it follows; null: none.';

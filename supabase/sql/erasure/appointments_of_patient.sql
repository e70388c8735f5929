create or replace function private.appointments_of_patient(p_organisation uuid, p_patient uuid) returns uuid[]
language sql stable security definer set search_path = ''
as $$
  select coalesce(array_agg(distinct x.id), '{}')
  from (
    select r.id from public.rdv r where r.organisation_id = p_organisation and r.patient_id = p_patient
    union all
    select l.rdv_id from private.link_states s
    join public.appointment_external_links l on l.id = s.link_id
    where s.patient_id = p_patient and l.organisation_id = p_organisation
  ) x;
$$;
comment on function private.appointments_of_patient(uuid, uuid) is
  'Appointments of a patient, and those whose events show one although they are deleted or another''s by now.';

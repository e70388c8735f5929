create or replace function public.erase_patient(p_patient uuid) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_organisation uuid;
  v_all uuid[];
  v_appointments integer;
  v_report jsonb;
begin
  select p.organisation_id into v_organisation from public.patients p
  where p.id = p_patient and p.organisation_id in (select private.my_organisations())
  for update;
  if not found then
    raise exception 'Erase patient: there is none of that id in a practice of yours' using errcode = '42501';
  end if;
  v_all := private.appointments_of_patient(v_organisation, p_patient);
  select count(*) into v_appointments from public.rdv r
  where r.organisation_id = v_organisation and r.patient_id = p_patient;
  delete from public.patients p where p.id = p_patient;
  with event as (
    select i.provider, i.account_email, private.unreachable(i) as reason
    from public.appointment_external_links l
    join private.link_states s on s.link_id = l.id and s.erase_since is not null
    join public.calendar_integrations i on i.id = l.integration_id
    where l.rdv_id = any (v_all)
    union all
    select e.provider, e.account_email, 'NOT_CONNECTED' from private.left_events e
    where e.organisation_id = v_organisation and e.erase_since is not null
      and (e.patient_id = p_patient or e.rdv_id = any (v_all))
  ), kept as (
    select e.provider, e.account_email, e.reason, count(*) as events
    from event e where e.reason is not null group by 1, 2, 3
  )
  select jsonb_build_object(
    'appointments', v_appointments,
    'eventsToRemove', (select count(*) from event e where e.reason is null),
    'unreachable', (
      select coalesce(jsonb_agg(jsonb_build_object(
        'provider', k.provider, 'accountEmail', k.account_email, 'events', k.events, 'reason', k.reason
      ) order by k.provider, k.account_email), '[]'::jsonb) from kept k
    )
  ) into v_report;
  return v_report;
end
$$;
comment on function public.erase_patient(uuid) is
  'A member erases a patient of their practice: {appointments, eventsToRemove, unreachable: [{provider, accountEmail, '
  'events, reason}]}.';
grant execute on function public.erase_patient(uuid) to authenticated;

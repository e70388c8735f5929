create or replace function public.search_appointments(p_organisation uuid, p_text text) returns jsonb
language sql stable security invoker set search_path = ''
as $$
  with found as (
    select p.id, p.first_name, p.last_name, p.birth_date, n.place, count(*) over () as patients
    from private.patients_named(p_organisation, left(p_text, 100), 11) n
    join public.patients p on p.id = n.id
  )
  select jsonb_build_object(
    'patients', coalesce(jsonb_agg(jsonb_build_object(
      'id', f.id, 'firstName', f.first_name, 'lastName', f.last_name, 'birthDate', f.birth_date,
      'appointments', a.shown, 'total', a.total
    ) order by f.place) filter (where f.place <= 10), '[]'::jsonb),
    'more', count(*) > 10
  )
  from found f, lateral (
    select coalesce(jsonb_agg(jsonb_build_object(
      'id', r.id, 'type', r.type, 'act', r.act, 'startsAt', r.starts_at, 'status', r.status,
      'practitioner', m.display_name
    ) order by r.nearness) filter (where r.nearness <= r.most), '[]'::jsonb) as shown, count(r.id) as total
    from (
      select r.*, case when f.patients = 1 then 50 else 3 end as most, row_number() over (
        order by r.starts_at < now(), abs(extract(epoch from r.starts_at - now())), r.id
      ) as nearness
      from public.rdv r where r.patient_id = f.id
    ) r
    left join public.organisation_members m on m.id = r.practitioner_id
  ) a;
$$;
comment on function public.search_appointments(uuid, text) is
  'Patients found by name, each with their appointments, the next ones first and then the latest: {patients: [{id, '
  'firstName, lastName, birthDate, appointments: [{id, type, act, startsAt, status, practitioner}], total}], more}, at '
  'most 10 patients with 3 appointments each, or one with 50. Row level security decides.';
grant execute on function public.search_appointments(uuid, text) to authenticated;

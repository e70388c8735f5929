create or replace function public.search_patients(p_organisation uuid, p_text text) returns jsonb
language sql stable security invoker set search_path = ''
as $$
  select jsonb_build_object(
    'patients', coalesce(jsonb_agg(jsonb_build_object(
      'id', p.id, 'firstName', p.first_name, 'lastName', p.last_name, 'birthDate', p.birth_date
    ) order by n.place) filter (where n.place <= 20), '[]'::jsonb),
    'more', count(*) > 20
  )
  from private.patients_named(p_organisation, left(p_text, 100), 21) n
  join public.patients p on p.id = n.id;
$$;
comment on function public.search_patients(uuid, text) is
  'Patients of a practice whose names hold the words that a text begins, accents and case aside: {patients: [{id, '
  'firstName, lastName, birthDate}], more}, at most 20; more: whether others match. Row level security decides.';
grant execute on function public.search_patients(uuid, text) to authenticated;

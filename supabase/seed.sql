-- Demo data: two practices, their people, patients, and a fortnight of appointments around today. Can run again without
-- changing anything. Logins: claire@cabinet-lumiere.test and marc@cabinet-rivoli.test, password demo-password. Never
-- for a project that real people use.

insert into auth.users (
  id, aud, role, email, encrypted_password, email_confirmed_at, raw_app_meta_data, raw_user_meta_data, created_at,
  updated_at, confirmation_token, recovery_token, email_change, email_change_token_new
)
select
  u.id, 'authenticated', 'authenticated', u.email, extensions.crypt('demo-password', extensions.gen_salt('bf')), now(),
  '{"provider": "email", "providers": ["email"]}', jsonb_build_object('display_name', u.display_name), now(), now(), '',
  '', '', ''
from (values
  ('c1a13e00-0000-4000-8000-000000000001'::uuid, 'claire@cabinet-lumiere.test', 'Dr Claire Moreau'),
  ('3a2c0000-0000-4000-8000-000000000001'::uuid, 'marc@cabinet-rivoli.test', 'Dr Marc Delattre')
) as u (id, email, display_name)
on conflict (id) do nothing;

insert into auth.identities (id, provider, provider_id, user_id, identity_data, last_sign_in_at, created_at, updated_at)
select
  u.id,
  'email', u.id::text, u.id, jsonb_build_object('sub', u.id, 'email', u.email, 'email_verified', true), now(), now(),
  now()
from auth.users u
where u.email in ('claire@cabinet-lumiere.test', 'marc@cabinet-rivoli.test')
on conflict (provider, provider_id) do nothing;

-- Supabase's own Auth server looks for users of the zero instance only; the local one has no such column.
do $$
begin
  if exists (
    select from information_schema.columns
    where table_schema = 'auth' and table_name = 'users' and column_name = 'instance_id'
  ) then
    execute 'update auth.users set instance_id = ''00000000-0000-0000-0000-000000000000'' where instance_id is null';
  end if;
end
$$;

insert into public.organisations (id, name, timezone) values
  ('10000000-0000-4000-8000-000000000001', 'Cabinet Lumière', 'Europe/Paris'),
  ('20000000-0000-4000-8000-000000000001', 'Cabinet Rivoli', 'Europe/Paris')
on conflict (id) do nothing;

insert into public.organisation_members (id, organisation_id, user_id, role, display_name) values
  ('10000000-0000-4000-8000-00000000000a', '10000000-0000-4000-8000-000000000001',
    'c1a13e00-0000-4000-8000-000000000001', 'admin', 'Dr Claire Moreau'),
  ('10000000-0000-4000-8000-00000000000b', '10000000-0000-4000-8000-000000000001', null, 'practitioner',
    'Dr Hugo Perrin'),
  ('10000000-0000-4000-8000-00000000000c', '10000000-0000-4000-8000-000000000001', null, 'secretary', 'Sophie Lambert'),
  ('20000000-0000-4000-8000-00000000000a', '20000000-0000-4000-8000-000000000001',
    '3a2c0000-0000-4000-8000-000000000001', 'admin', 'Dr Marc Delattre'),
  ('20000000-0000-4000-8000-00000000000c', '20000000-0000-4000-8000-000000000001', null, 'secretary',
    'Inès Carpentier')
on conflict (id) do nothing;

insert into public.patients (id, organisation_id, first_name, last_name)
select md5('patient ' || o.id || p.last_name)::uuid, o.id, p.first_name, p.last_name
from (values
  ('10000000-0000-4000-8000-000000000001'::uuid, array[
    'Amélie Rousseau', 'Bastien Girard', 'Chloé Fontaine', 'Damien Lefèvre', 'Élodie Marchand', 'François Noël',
    'Gaëlle Renard', 'Henri Dubois', 'Isabelle Caron', 'Jérôme Petit', 'Karima Benali', 'Léo Gauthier'
  ]),
  ('20000000-0000-4000-8000-000000000001'::uuid, array[
    'Maëlys Roche', 'Nicolas Barbier', 'Océane Leclerc', 'Paul Vasseur', 'Quentin Aubert', 'Rosalie Meunier',
    'Samir Haddad', 'Thérèse Blanchard'
  ])
) as o (id, names)
cross join lateral (
  select split_part(n, ' ', 1) as first_name, split_part(n, ' ', 2) as last_name from unnest(o.names) n
) p
on conflict (id) do nothing;

-- Working days from a week ago to a week ahead, five appointments a day for each practitioner, at times of Paris.
with days as (
  select d::date as day, row_number() over (order by d) as day_number
  from generate_series(current_date - 7, current_date + 7, interval '1 day') d
  where extract(isodow from d) < 6
),
slots (slot, starts, minutes, type, act) as (values
  (1, time '09:00', 30, 'Contrôle', 'Examen bucco-dentaire'),
  (2, time '09:45', 45, 'Détartrage', 'Détartrage et polissage'),
  (3, time '11:00', 60, 'Soin', 'Restauration composite sur 36'),
  (4, time '14:00', 90, 'Prothèse', 'Pose de couronne céramique sur 26'),
  (5, time '16:00', 30, 'Urgence', 'Douleur molaire, radiographie rétro-alvéolaire')
),
practitioners as (
  select m.id, m.organisation_id, m.display_name, row_number() over (order by m.id) as practitioner_number,
    o.name as organisation_name
  from public.organisation_members m
  join public.organisations o on o.id = m.organisation_id
  where m.id in ('10000000-0000-4000-8000-00000000000a', '10000000-0000-4000-8000-00000000000b',
    '20000000-0000-4000-8000-00000000000a')
),
numbered_patients as (
  select p.id, p.organisation_id, row_number() over (partition by p.organisation_id order by p.last_name) - 1 as place,
    count(*) over (partition by p.organisation_id) as total
  from public.patients p
)
insert into public.rdv (id, organisation_id, practitioner_id, patient_id, type, act, location, starts_at, ends_at,
  status)
select
  md5('rdv ' || m.id || d.day_number || s.slot)::uuid, m.organisation_id, m.id, p.id, s.type, s.act,
  m.organisation_name || ', fauteuil ' || m.practitioner_number,
  (d.day + s.starts) at time zone 'Europe/Paris',
  (d.day + s.starts + make_interval(mins => s.minutes)) at time zone 'Europe/Paris',
  case
    when d.day < current_date and (d.day_number + s.slot) % 11 = 0 then 'no_show'
    when d.day < current_date then 'completed'
    when (d.day_number + s.slot) % 9 = 0 then 'cancelled'
    when s.slot % 2 = 0 then 'confirmed'
    else 'scheduled'
  end
from days d
cross join slots s
cross join practitioners m
join numbered_patients p
  on p.organisation_id = m.organisation_id
  and p.place = (d.day_number * 5 + s.slot + m.practitioner_number * 3) % p.total
on conflict (id) do nothing;

-- Two that a secretary has not finished: no date yet, and no patient yet.
insert into public.rdv (id, organisation_id, practitioner_id, patient_id, type, act, notes, starts_at, ends_at)
select
  md5('rdv undated')::uuid, '10000000-0000-4000-8000-000000000001'::uuid, '10000000-0000-4000-8000-00000000000a'::uuid,
  (select p.id from public.patients p where p.last_name = 'Benali'), 'Implant', 'Pose d’implant en 46',
  'Rappeler pour fixer la date', null, null
union all
select
  md5('rdv without patient')::uuid, '10000000-0000-4000-8000-000000000001'::uuid,
  '10000000-0000-4000-8000-00000000000a'::uuid, null, 'Réunion', null, 'Point hebdomadaire de l’équipe',
  (current_date + 1 + time '13:00') at time zone 'Europe/Paris',
  (current_date + 1 + time '13:30') at time zone 'Europe/Paris'
on conflict (id) do nothing;

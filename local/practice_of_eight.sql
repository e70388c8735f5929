-- A practice of eight practitioners for `npm start`: 400 patients, and three weeks around today with some 150 appointments
-- a day. Logins: nadia@cabinet-tilleuls.test (secretary) and alice@cabinet-tilleuls.test (practitioner and
-- administrator), password demo-password. Only ever of this machine.

insert into auth.users (
  id, aud, role, email, encrypted_password, email_confirmed_at, raw_app_meta_data, raw_user_meta_data, created_at,
  updated_at, confirmation_token, recovery_token, email_change, email_change_token_new
)
select
  u.id, 'authenticated', 'authenticated', u.email, extensions.crypt('demo-password', extensions.gen_salt('bf')), now(),
  '{"provider": "email", "providers": ["email"]}', jsonb_build_object('display_name', u.display_name), now(), now(), '',
  '', '', ''
from (values
  ('a11ce000-0000-4000-8000-000000000001'::uuid, 'alice@cabinet-tilleuls.test', 'Dr Alice Vidal'),
  ('4ad1a000-0000-4000-8000-000000000001'::uuid, 'nadia@cabinet-tilleuls.test', 'Nadia Ferrand')
) as u (id, email, display_name)
on conflict (id) do nothing;

insert into auth.identities (id, provider, provider_id, user_id, identity_data, last_sign_in_at, created_at, updated_at)
select
  u.id,
  'email', u.id::text, u.id, jsonb_build_object('sub', u.id, 'email', u.email, 'email_verified', true), now(), now(),
  now()
from auth.users u
where u.email in ('alice@cabinet-tilleuls.test', 'nadia@cabinet-tilleuls.test')
on conflict (provider, provider_id) do nothing;

insert into public.organisations (id, name, timezone) values
  ('30000000-0000-4000-8000-000000000001', 'Cabinet des Tilleuls', 'Europe/Paris')
on conflict (id) do nothing;

insert into public.organisation_members (id, organisation_id, user_id, role, display_name) values
  ('30000000-0000-4000-8000-000000000011', '30000000-0000-4000-8000-000000000001',
    'a11ce000-0000-4000-8000-000000000001', 'admin', 'Dr Alice Vidal'),
  ('30000000-0000-4000-8000-000000000012', '30000000-0000-4000-8000-000000000001', null, 'practitioner',
    'Dr Benoît Charpentier'),
  ('30000000-0000-4000-8000-000000000013', '30000000-0000-4000-8000-000000000001', null, 'practitioner',
    'Dr Camille Nguyen'),
  ('30000000-0000-4000-8000-000000000014', '30000000-0000-4000-8000-000000000001', null, 'practitioner',
    'Dr David Morel'),
  ('30000000-0000-4000-8000-000000000015', '30000000-0000-4000-8000-000000000001', null, 'practitioner',
    'Dr Émilie Bertrand'),
  ('30000000-0000-4000-8000-000000000016', '30000000-0000-4000-8000-000000000001', null, 'practitioner',
    'Dr Farid Belkacem'),
  ('30000000-0000-4000-8000-000000000017', '30000000-0000-4000-8000-000000000001', null, 'practitioner',
    'Dr Géraldine Picard'),
  ('30000000-0000-4000-8000-000000000018', '30000000-0000-4000-8000-000000000001', null, 'practitioner',
    'Dr Hélène de La Rochefoucauld'),
  ('30000000-0000-4000-8000-000000000021', '30000000-0000-4000-8000-000000000001',
    '4ad1a000-0000-4000-8000-000000000001', 'secretary', 'Nadia Ferrand')
on conflict (id) do nothing;

insert into public.patients (id, organisation_id, first_name, last_name, birth_date)
select
  md5('patient of eight ' || f.place || ' ' || l.place)::uuid, '30000000-0000-4000-8000-000000000001'::uuid, f.name,
  l.name, date '1935-03-01' + ((f.place * 1373 + l.place * 4909) % 30000)::integer
from unnest(array[
  'Adèle', 'Antoine', 'Béatrice', 'Charles', 'Clémence', 'Denis', 'Élise', 'Fabien', 'Germaine', 'Hakim', 'Inès',
  'Joël', 'Khadija', 'Louis', 'Maëlle', 'Noé', 'Odile', 'Pierre', 'Sarah', 'Yves'
]) with ordinality f (name, place)
cross join unnest(array[
  'Arnaud', 'Baudry', 'Colin', 'Da Silva', 'Étienne', 'Faure', 'Guérin', 'Hamon', 'Imbert', 'Jacquet', 'Klein',
  'Lemoine', 'Mercier', 'Nicolas', 'Ollivier', 'Pereira', 'Quéré', 'Rivière', 'Schmitt', 'Traoré'
]) with ordinality l (name, place)
on conflict (id) do nothing;

-- Half hours of a practitioner's day, some of them free, some of them two in one; each practitioner is away one afternoon.
with days as (
  select d::date as day, extract(isodow from d)::integer as weekday
  from generate_series(current_date - 10, current_date + 10, interval '1 day') d
  where extract(isodow from d) < 6
),
slots as (
  select n as slot, time '08:30' + n * interval '30 minutes' + case when n >= 8 then interval '90 minutes' else '0' end
    as starts
  from generate_series(0, 19) n
),
acts (place, type, act) as (values
  (0, 'Contrôle', 'Examen bucco-dentaire'),
  (1, 'Détartrage', 'Détartrage et polissage'),
  (2, 'Soin', 'Restauration composite sur 36'),
  (3, 'Orthodontie', 'Changement d’arc'),
  (4, 'Prothèse', 'Essayage de couronne sur 26'),
  (5, 'Urgence', 'Douleur molaire')
),
practitioners as (
  select m.id, m.organisation_id, row_number() over (order by m.id)::integer as place
  from public.organisation_members m
  where m.organisation_id = '30000000-0000-4000-8000-000000000001' and m.role <> 'secretary'
),
numbered_patients as (
  select p.id, row_number() over (order by p.id)::integer - 1 as place, count(*) over ()::integer as total
  from public.patients p
  where p.organisation_id = '30000000-0000-4000-8000-000000000001'
),
chosen as (
  select
    d.day, s.slot, s.starts, m.id as practitioner_id, m.organisation_id, m.place,
    abs(hashtext(d.day || '/' || s.slot || '/' || m.place)) as draw
  from days d
  cross join slots s
  cross join practitioners m
  where not (s.slot >= 8 and d.weekday = 1 + m.place % 5)
)
insert into public.rdv (id, organisation_id, practitioner_id, patient_id, type, act, location, starts_at, ends_at,
  status)
select
  md5('rdv of eight ' || c.day || '/' || c.slot || '/' || c.place)::uuid, c.organisation_id, c.practitioner_id, p.id,
  a.type, a.act, 'Fauteuil ' || c.place, (c.day + c.starts) at time zone 'Europe/Paris',
  (c.day + c.starts + case when c.draw % 5 = 0 then interval '20 minutes' else interval '30 minutes' end)
    at time zone 'Europe/Paris',
  case
    when c.day < current_date and c.draw % 23 = 0 then 'no_show'
    when c.day < current_date then 'completed'
    when c.draw % 29 = 0 then 'cancelled'
    when c.draw % 2 = 0 then 'confirmed'
    else 'scheduled'
  end
from chosen c
join acts a on a.place = c.draw / 7 % 6
join numbered_patients p on p.place = c.draw / 11 % p.total
where c.draw % 9 > 0
on conflict (id) do nothing;

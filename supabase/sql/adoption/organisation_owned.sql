create or replace function private.organisation_owned() returns setof regclass
language sql stable set search_path = ''
as $$
  select x::regclass
  from unnest('{public.calendar_integrations, private.oauth_states, private.left_events}'::text[]) x;
$$;
comment on function private.organisation_owned() is
  'Tables of the sync whose rows go with their practice by a foreign key to the practice app''s table; the other ones '
  'follow these.';

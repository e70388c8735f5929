create or replace function private.host_references()
returns table (relation regclass, column_name text, host_table text)
language sql stable set search_path = ''
as $$
  values
    ('public.calendar_integrations'::regclass, 'organisation_id', 'organisations'),
    ('private.oauth_states'::regclass, 'organisation_id', 'organisations'),
    ('private.left_events'::regclass, 'organisation_id', 'organisations'),
    ('public.calendar_feeds'::regclass, 'member_id', 'organisation_members');
$$;
comment on function private.host_references() is
  'Foreign keys from the sync''s tables to the keys of the practice app''s, with which their rows go; the other tables '
  'follow these. private.adopt_table makes them.';

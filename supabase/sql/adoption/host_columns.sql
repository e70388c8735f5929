create or replace function private.host_columns()
returns table (host_table text, host_column text, type regtype, use text, place integer)
language sql stable set search_path = ''
as $$
  values
    ('organisations', 'id', 'uuid'::regtype, 'key', 1),
    ('organisations', 'name', 'text'::regtype, 'read', 2),
    ('organisations', 'timezone', 'text'::regtype, 'read', 3),
    ('organisations', 'event_title_template', 'text'::regtype, 'read', 4),
    ('organisations', 'event_language', 'text'::regtype, 'read', 5),
    ('organisations', 'default_duration_minutes', 'integer'::regtype, 'read', 6),
    ('organisations', 'updated_at', 'timestamptz'::regtype, 'page', 7),
    ('organisation_members', 'id', 'uuid'::regtype, 'key', 8),
    ('organisation_members', 'organisation_id', 'uuid'::regtype, 'key of another', 9),
    ('organisation_members', 'user_id', 'uuid'::regtype, 'key of another', 10),
    ('organisation_members', 'role', 'text'::regtype, 'read', 11),
    ('organisation_members', 'display_name', 'text'::regtype, 'read', 12),
    ('organisation_members', 'initials', 'text'::regtype, 'page', 13),
    ('organisation_members', 'color', 'smallint'::regtype, 'page', 14),
    ('organisation_members', 'updated_at', 'timestamptz'::regtype, 'page', 15),
    ('patients', 'id', 'uuid'::regtype, 'key', 16),
    ('patients', 'organisation_id', 'uuid'::regtype, 'key of another', 17),
    ('patients', 'first_name', 'text'::regtype, 'read', 18),
    ('patients', 'last_name', 'text'::regtype, 'read', 19),
    ('patients', 'birth_date', 'date'::regtype, 'page', 20),
    ('patients', 'search_name', 'text'::regtype, 'page', 21),
    ('patients', 'updated_at', 'timestamptz'::regtype, 'page', 22),
    ('rdv', 'id', 'uuid'::regtype, 'key', 23),
    ('rdv', 'organisation_id', 'uuid'::regtype, 'key of another', 24),
    ('rdv', 'practitioner_id', 'uuid'::regtype, 'key of another', 25),
    ('rdv', 'patient_id', 'uuid'::regtype, 'key of another', 26),
    ('rdv', 'type', 'text'::regtype, 'written', 27),
    ('rdv', 'act', 'text'::regtype, 'written', 28),
    ('rdv', 'notes', 'text'::regtype, 'written', 29),
    ('rdv', 'location', 'text'::regtype, 'written', 30),
    ('rdv', 'starts_at', 'timestamptz'::regtype, 'written', 31),
    ('rdv', 'ends_at', 'timestamptz'::regtype, 'written', 32),
    ('rdv', 'status', 'text'::regtype, 'written', 33),
    ('rdv', 'source', 'text'::regtype, 'written', 34),
    ('rdv', 'updated_at', 'timestamptz'::regtype, 'version', 35);
$$;
comment on function private.host_columns() is
  'The contract with the practice app, docs/adopt.md: which columns the sync needs of its tables. use: key, key of '
  'another (row), read, written, version (every update changes it), page (only Cassius''s own pages, and '
  'subscriptions, need it).';

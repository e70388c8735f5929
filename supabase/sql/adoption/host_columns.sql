create or replace function private.host_columns()
returns table (host_table text, host_column text, type regtype, use text, place integer)
language sql stable set search_path = ''
as $$
  values
    ('organisations', 'id', 'uuid'::regtype, 'key', 1),
    ('organisations', 'name', 'text'::regtype, 'read', 2),
    ('organisations', 'timezone', 'text'::regtype, 'read', 3),
    ('organisations', 'event_title_template', 'text'::regtype, 'read', 4),
    ('organisations', 'default_duration_minutes', 'integer'::regtype, 'read', 5),
    ('organisations', 'updated_at', 'timestamptz'::regtype, 'page', 6),
    ('organisation_members', 'id', 'uuid'::regtype, 'key', 7),
    ('organisation_members', 'organisation_id', 'uuid'::regtype, 'key of another', 8),
    ('organisation_members', 'user_id', 'uuid'::regtype, 'key of another', 9),
    ('organisation_members', 'role', 'text'::regtype, 'read', 10),
    ('organisation_members', 'display_name', 'text'::regtype, 'read', 11),
    ('organisation_members', 'initials', 'text'::regtype, 'page', 12),
    ('organisation_members', 'color', 'smallint'::regtype, 'page', 13),
    ('organisation_members', 'updated_at', 'timestamptz'::regtype, 'page', 14),
    ('patients', 'id', 'uuid'::regtype, 'key', 15),
    ('patients', 'organisation_id', 'uuid'::regtype, 'key of another', 16),
    ('patients', 'first_name', 'text'::regtype, 'read', 17),
    ('patients', 'last_name', 'text'::regtype, 'read', 18),
    ('patients', 'birth_date', 'date'::regtype, 'page', 19),
    ('patients', 'search_name', 'text'::regtype, 'page', 20),
    ('patients', 'updated_at', 'timestamptz'::regtype, 'page', 21),
    ('rdv', 'id', 'uuid'::regtype, 'key', 22),
    ('rdv', 'organisation_id', 'uuid'::regtype, 'key of another', 23),
    ('rdv', 'practitioner_id', 'uuid'::regtype, 'key of another', 24),
    ('rdv', 'patient_id', 'uuid'::regtype, 'key of another', 25),
    ('rdv', 'type', 'text'::regtype, 'written', 26),
    ('rdv', 'act', 'text'::regtype, 'written', 27),
    ('rdv', 'notes', 'text'::regtype, 'written', 28),
    ('rdv', 'location', 'text'::regtype, 'written', 29),
    ('rdv', 'starts_at', 'timestamptz'::regtype, 'written', 30),
    ('rdv', 'ends_at', 'timestamptz'::regtype, 'written', 31),
    ('rdv', 'status', 'text'::regtype, 'written', 32),
    ('rdv', 'source', 'text'::regtype, 'written', 33),
    ('rdv', 'updated_at', 'timestamptz'::regtype, 'version', 34);
$$;
comment on function private.host_columns() is
  'The contract with the practice app, docs/adopt.md: which columns the sync needs of its tables. use: key, key of '
  'another (row), read, written, version (every update changes it), page (only Cassius''s own pages, and '
  'subscriptions, need it).';

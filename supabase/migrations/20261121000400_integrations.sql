-- A person's connection to a calendar account, and which event belongs to which appointment.

create table public.calendar_integrations (
  id uuid primary key default gen_random_uuid(),
  organisation_id uuid not null,
  user_id uuid not null references auth.users (id) on delete cascade,
  provider text not null check (provider in ('google', 'microsoft')),
  scope text not null default 'practitioner' check (scope in ('practitioner', 'organisation')),
  account_id text not null check (length(account_id) <= 320),
  account_email text check (length(account_email) <= 320),
  status text not null default 'connected' check (status in ('connected', 'reconnect_required', 'error')),
  export_enabled boolean not null default false,
  export_from timestamptz,
  calendar_target_id text check (octet_length(calendar_target_id) <= 1024),
  calendar_target_name text check (length(calendar_target_name) <= 1024),
  import_enabled boolean not null default false,
  calendar_source_id text check (octet_length(calendar_source_id) <= 1024),
  calendar_source_name text check (length(calendar_source_name) <= 1024),
  import_range_default text not null default '30d' check (import_range_default in ('7d', '30d', 'month', 'custom')),
  import_as text not null default 'event' check (import_as in ('event', 'rdv')),
  two_way text not null default 'off' check (two_way in ('off', 'review', 'auto')),
  event_detail text check (event_detail in ('full', 'initials', 'busy')),
  last_sync_at timestamptz,
  last_import_at timestamptz,
  last_error jsonb,
  disconnected_at timestamptz,
  removing_events_since timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (organisation_id, id),
  unique (organisation_id, user_id, provider),
  constraint calendar_integrations_export_is_decided
    check (not export_enabled or (calendar_target_id is not null and event_detail is not null))
);
comment on table public.calendar_integrations is
  'One person''s calendar account in one practice. The row outlives a disconnect, so that reconnecting finds its '
  'events again.';
comment on column public.calendar_integrations.scope is
  'practitioner: that user''s own appointments; organisation: all of the practice.';
comment on column public.calendar_integrations.event_detail is
  'How much of an appointment an event shows; null: the person has not chosen yet, and nothing is exported.';
comment on column public.calendar_integrations.export_from is
  'Appointments before this instant are exported only on request: the start of the day on which export was switched '
  'on.';
comment on column public.calendar_integrations.last_error is '{code, message}: why status is not connected.';
comment on column public.calendar_integrations.removing_events_since is
  'Set while a disconnect that removes its events is still at work.';
create index calendar_integrations_user on public.calendar_integrations (user_id);
create index calendar_integrations_to_reconnect on public.calendar_integrations (id)
  where status = 'reconnect_required' and disconnected_at is null;
create index calendar_integrations_account on public.calendar_integrations (provider, account_id);

create table public.appointment_external_links (
  id uuid primary key default gen_random_uuid(),
  organisation_id uuid not null,
  rdv_id uuid not null,
  integration_id uuid not null,
  provider text not null,
  external_calendar_id text check (octet_length(external_calendar_id) <= 1024),
  external_event_id text check (octet_length(external_event_id) <= 1024),
  epoch integer not null default 0,
  etag text check (octet_length(etag) <= 1024),
  sync_status text not null default 'none' check (sync_status in ('none', 'pending', 'synced', 'error')),
  skip_reason text check (skip_reason in (
    'unchanged', 'cancelled', 'deleted', 'removing', 'imported_from_provider', 'no_start', 'no_patient', 'out_of_scope',
    'past', 'unlinked', 'no_target')),
  last_synced_at timestamptz,
  last_error jsonb,
  drifted_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (organisation_id, id),
  -- The appointment first: a look-up of both never walks over a connection's links.
  unique (rdv_id, integration_id),
  unique (integration_id, external_calendar_id, external_event_id),
  foreign key (organisation_id, integration_id)
    references public.calendar_integrations (organisation_id, id) on delete cascade
);
comment on table public.appointment_external_links is
  'Which event belongs to which appointment. There is no foreign key to rdv: the link must outlive a deleted '
  'appointment until its event is gone too.';
comment on column public.appointment_external_links.epoch is
  'Generation of the event id: raised when the id is burnt by a deletion.';
comment on column public.appointment_external_links.skip_reason is 'Why the appointment is not exported.';
comment on column public.appointment_external_links.drifted_at is
  'Since when the event differs because a person changed or deleted it in the calendar while two_way is off, until the '
  'push that puts it right.';
-- Where a person moved an event, or a colleague reads it, only its id is the same.
create index appointment_external_links_event on public.appointment_external_links (external_event_id, integration_id);

create type private.link_state as enum ('absent', 'creating', 'live', 'updating', 'deleting', 'gone', 'detached');
comment on type private.link_state is
  'The event of an appointment in one calendar. absent: none, and no row; creating, updating, deleting: a request was '
  'announced, and its answer is not known; live: the event is there; gone: it was deleted, its id is burnt; detached: '
  'it was deleted in the calendar, and a person decides or decided that it stays so. Drawn in docs/states.md.';

create table private.link_states (
  link_id uuid primary key references public.appointment_external_links (id) on delete cascade,
  integration_id uuid not null,
  state private.link_state not null check (state <> 'absent'),
  pushed jsonb,
  base jsonb,
  target_calendar_id text check (octet_length(target_calendar_id) <= 1024),
  applied_count integer not null default 0,
  applied_since timestamptz,
  patient_id uuid,
  erase_since timestamptz,
  cancelled_from text,
  cancelled_at timestamptz,
  updated_at timestamptz not null default now(),
  place jsonb,
  sent text[] not null default '{}'
);
comment on table private.link_states is
  'What only the engine needs of a link: its state, the content last pushed, and the content last agreed as the '
  'provider returned it.';
comment on column private.link_states.integration_id is
  'That of the link, for good: the occurrences of a connection are found by it.';
comment on column private.link_states.target_calendar_id is
  'The target for which the event was written, where its owner moved it to another calendar since; null: the calendar '
  'where it is. It is moved by us only where the target is another by now.';
comment on column private.link_states.applied_count is
  'Changes of the calendar taken over, or undone, since applied_since: too many in a short time mean that two '
  'programs fight.';
comment on column private.link_states.patient_id is
  'Whose name the event shows, as far as we know: the appointment may have another patient by now, or be gone.';
comment on column private.link_states.erase_since is
  'Its patient was erased: the event goes whatever the settings say, as soon as its account can be reached.';
comment on column private.link_states.cancelled_from is
  'The status that the appointment had before the deletion of this event cancelled it.';
comment on column private.link_states.cancelled_at is
  'updated_at of the appointment after that: as long as it is the same, nothing else has happened to it.';
comment on column private.link_states.place is
  'Where the event is an occurrence, because its owner made a series of it: {seriesId, at}, SeriesPlace of the '
  'provider port. Only this occurrence is ever written or ended.';
comment on column private.link_states.sent is
  'Descriptions of ours that were announced since it is known what the event shows: any of them may be in it.';
create index link_states_patient on private.link_states (patient_id) where patient_id is not null;
create index link_states_places on private.link_states (integration_id) where place is not null;
create index link_states_erase on private.link_states (link_id) where erase_since is not null;
alter table private.link_states enable row level security;

create table private.former_events (
  integration_id uuid not null references public.calendar_integrations (id) on delete cascade,
  calendar_id text not null,
  event_id text not null,
  rdv_id uuid not null,
  epoch integer not null,
  said text,
  etag text,
  ends_since timestamptz,
  primary key (integration_id, calendar_id, event_id)
);
comment on table private.former_events is
  'Earlier events of appointments whose link has another by now. They ended, and their owner may bring them back.';
comment on column private.former_events.said is
  'Digest of what the event showed when both sides last agreed; null where that is not known.';
comment on column private.former_events.etag is
  'The version that is to be ended, or that a person decided to leave.';
comment on column private.former_events.ends_since is 'It is back, and waits for a worker to end it.';
create index former_events_rdv on private.former_events (integration_id, rdv_id);
alter table private.former_events enable row level security;

create table public.sync_conflicts (
  id uuid primary key default gen_random_uuid(),
  organisation_id uuid not null,
  user_id uuid not null,
  integration_id uuid not null,
  source text not null,
  entity_type text not null check (entity_type in ('event', 'appointment')),
  external_id text,
  internal_id uuid,
  reason text not null check (reason in ('time_overlap', 'changed_both_sides', 'deleted', 'restored', 'mass_change')),
  payload jsonb not null default '{}'::jsonb,
  status text not null default 'open' check (status in ('open', 'resolved', 'ignored')),
  resolution text check (resolution in (
    'keep_cassius', 'keep_calendar', 'duplicate', 'ignore', 'vanished', 'erased', 'disconnected', 'calendar_changed')),
  resolved_by uuid,
  resolved_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (organisation_id, id),
  foreign key (organisation_id, integration_id)
    references public.calendar_integrations (organisation_id, id) on delete cascade
);
comment on table public.sync_conflicts is
  'Questions that a person decides: both sides and the base are in payload, field by field.';
create unique index sync_conflicts_one_open on public.sync_conflicts (integration_id, internal_id, reason)
  where status = 'open' and internal_id is not null and reason <> 'time_overlap';
-- One an event; the one without an event is about all of them.
create unique index sync_conflicts_one_overlap
  on public.sync_conflicts (integration_id, (payload ->> 'calendarId'), (coalesce(external_id, '')))
  where status = 'open' and reason = 'time_overlap';
create index sync_conflicts_mass_changes on public.sync_conflicts (id)
  where reason = 'mass_change' and status = 'open';
create index sync_conflicts_pair on public.sync_conflicts (integration_id, internal_id, external_id);
create index sync_conflicts_integration on public.sync_conflicts (organisation_id, integration_id, status);

create table public.sync_runs (
  id uuid primary key default gen_random_uuid(),
  organisation_id uuid not null,
  integration_id uuid not null,
  direction text not null check (direction in ('export', 'import')),
  trigger text not null check (trigger in ('change', 'manual', 'schedule', 'push')),
  started_at timestamptz not null,
  finished_at timestamptz,
  created integer not null default 0,
  updated integer not null default 0,
  deleted integer not null default 0,
  skipped integer not null default 0,
  cancelled integer not null default 0,
  failed integer not null default 0,
  conflicts integer not null default 0,
  failures jsonb not null default '[]'::jsonb,
  mode text not null default 'import' check (mode in ('import', 'preview')),
  calendar_id text,
  window_from timestamptz,
  window_to timestamptz,
  error text,
  pages integer not null default 0,
  events integer not null default 0,
  undone_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (organisation_id, id),
  foreign key (organisation_id, integration_id)
    references public.calendar_integrations (organisation_id, id) on delete cascade
);
comment on table public.sync_runs is 'The journal: what each run did. failures holds {rdvId, code}, never a name.';
comment on column public.sync_runs.error is 'Code of what ended the run early.';
comment on column public.sync_runs.skipped is
  'What was left as it was; of an import only where a person asked for it, for that counts all that is known.';
comment on column public.sync_runs.undone_at is 'When its person took back what the import had done here.';
comment on column public.sync_runs.pages is 'Progress of an import: pages and events read so far.';

create table public.sync_run_items (
  id bigint generated always as identity primary key,
  organisation_id uuid not null,
  run_id uuid not null,
  rdv_id uuid,
  external_event_id text,
  external_calendar_id text,
  action text not null check (action in ('create', 'update', 'delete', 'cancel', 'conflict', 'skip', 'fail', 'hold')),
  reason text check (action = 'fail' or reason in (
    'unchanged', 'cancelled', 'deleted', 'removing', 'imported_from_provider', 'no_start', 'no_patient', 'out_of_scope',
    'past', 'unlinked', 'no_target', 'outside_window', 'declined', 'not_an_appointment', 'exported', 'colleague',
    'kept', 'echo', 'accept', 'apply', 'cancel', 'restore', 'end', 'drift', 'wait', 'conflict', 'time_overlap',
    'changed_both_sides', 'restored', 'mass_change')),
  created_at timestamptz not null default now()
);
comment on column public.sync_run_items.reason is 'A word; of what failed, the code of an error.';
comment on table public.sync_run_items is
  'The journal, item by item: ids and reasons, never a name or a title. No foreign key: a large import pays for every '
  'check; the items leave with their runs all the same.';
create index sync_run_items_run on public.sync_run_items (organisation_id, run_id);
create index sync_run_items_rdv on public.sync_run_items (rdv_id) where rdv_id is not null;
create index sync_runs_integration on public.sync_runs (integration_id, started_at desc);
create index sync_runs_age on public.sync_runs (started_at);

create table private.before_import (
  table_name text not null,
  row_id uuid not null,
  run_id uuid not null references public.sync_runs (id) on delete cascade,
  kept_at timestamptz not null,
  before jsonb not null,
  -- An appointment has the id of the event that it was made of.
  primary key (row_id, table_name)
);
comment on table private.before_import is
  'Appointments and events of others as they were before the last import changed them, for as long as nothing else has '
  'changed them since: what import_undo puts back. Times, status, and the place of an appointment of our own.';
create index before_import_run on private.before_import (run_id);
alter table private.before_import enable row level security;

alter table public.calendar_integrations enable row level security;
alter table public.appointment_external_links enable row level security;
alter table public.sync_conflicts enable row level security;
alter table public.sync_runs enable row level security;
alter table public.sync_run_items enable row level security;
-- People read; only the functions write.
grant select on public.calendar_integrations, public.appointment_external_links, public.sync_conflicts,
  public.sync_runs, public.sync_run_items
  to authenticated;
grant select, insert, update, delete
  on public.calendar_integrations, public.appointment_external_links, public.sync_conflicts, public.sync_runs,
    public.sync_run_items to service_role;

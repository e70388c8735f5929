-- Which calendars are followed, how far each has been read, and who reads it now.

create table private.calendar_cursors (
  integration_id uuid not null references public.calendar_integrations (id) on delete cascade,
  calendar_id text not null check (octet_length(calendar_id) <= 1024),
  organisation_id uuid not null,
  provider text not null,
  sync_token text,
  window_from timestamptz,
  window_to timestamptz,
  read_to timestamptz,
  covers_events boolean not null default false,
  next_poll_at timestamptz not null,
  followed text,
  told_at timestamptz,
  push_proven_at timestamptz,
  lease_owner uuid,
  lease_until timestamptz,
  failures integer not null default 0,
  last_error text,
  checked_at timestamptz,
  watch_refused_at timestamptz,
  primary key (integration_id, calendar_id)
);
comment on table private.calendar_cursors is
  'One row a calendar that is or was read. The token is stored last, in the transaction that applies what it covers.';
comment on column private.calendar_cursors.window_to is
  'Events of others are taken over up to here; what is ours is followed up to read_to.';
comment on column private.calendar_cursors.covers_events is
  'Whether events of others were taken over too, up to this token; where only ours were, it is of no use to an import.';
comment on column private.calendar_cursors.checked_at is
  'Up to when appointments were compared with events for overlaps.';
comment on column private.calendar_cursors.watch_refused_at is
  'The provider said that this calendar can never be watched.';
comment on column private.calendar_cursors.followed is
  'private.follows of this calendar, kept by the triggers of its connection and of its own row; null: in no queue.';
comment on column private.calendar_cursors.told_at is
  'Since when a notice waits for a reading, as far as a claim has heeded it.';
comment on column private.calendar_cursors.push_proven_at is
  'When a reading last found what a notice had told, to the hour; null: not yet, or a poll found since what none had '
  'told.';
create index calendar_cursors_due on private.calendar_cursors (provider, next_poll_at) where followed is not null;
create index calendar_cursors_told on private.calendar_cursors (provider, told_at)
  where told_at is not null and followed is not null and failures = 0;
create index calendar_cursors_failing on private.calendar_cursors (provider)
  where failures >= 3 and followed is not null;
alter table private.calendar_cursors enable row level security;

create table private.import_runs (
  id uuid primary key,
  integration_id uuid not null,
  calendar_id text not null,
  organisation_id uuid not null,
  mode text not null check (mode in ('import', 'preview')),
  trigger text not null check (trigger in ('manual', 'schedule', 'push')),
  started_at timestamptz not null,
  full_reading boolean not null,
  covers_events boolean not null,
  window_from timestamptz not null,
  window_to timestamptz not null,
  read_to timestamptz not null,
  last_notice bigint not null,
  starts integer not null default 0,
  page_token text,
  end_cursor text,
  unique (integration_id, calendar_id),
  foreign key (integration_id, calendar_id)
    references private.calendar_cursors (integration_id, calendar_id) on delete cascade
);
comment on table private.import_runs is
  'The run in progress of a calendar, from the claim that began it to its end: nothing of it is kept but the journal.';
comment on column private.import_runs.started_at is 'What was written since may be newer than what the run has read.';
comment on column private.import_runs.full_reading is
  'Everything in the window is read; otherwise what changed since the cursor''s token.';
comment on column private.import_runs.covers_events is 'Events of others are taken over too, not only ours followed.';
comment on column private.import_runs.read_to is
  'Events of others are taken over up to window_to; ours are followed up to here.';
comment on column private.import_runs.last_notice is
  'The last notice that was known when the run began: it clears no later one.';
comment on column private.import_runs.starts is
  'How often the run was taken up without getting on: what kills each worker ends as a failure.';
comment on column private.import_runs.page_token is 'Where the reading goes on.';
comment on column private.import_runs.end_cursor is
  'The token that the last page brought: everything is read, and only the ending is left.';
alter table private.import_runs enable row level security;

create table private.calendar_notices (
  id bigint generated always as identity primary key,
  integration_id uuid not null,
  calendar_id text not null,
  told_at timestamptz not null,
  heeded boolean not null default false
);
comment on column private.calendar_notices.heeded is 'A claim has written it to the calendar''s told_at.';
comment on table private.calendar_notices is
  'Calendars of which a provider said that they changed, until a reading that began later has ended. Rows are only '
  'added and taken away, and no foreign key locks the calendar: a notice waits for no reading.';
create index calendar_notices_calendar on private.calendar_notices (integration_id, calendar_id, id);
create index calendar_notices_unheeded on private.calendar_notices (id) where not heeded;
alter table private.calendar_notices enable row level security;

create table private.import_requests (
  run_id uuid primary key default gen_random_uuid(),
  integration_id uuid not null,
  calendar_id text not null,
  mode text not null check (mode in ('import', 'preview')),
  window_from timestamptz,
  window_to timestamptz,
  fingerprint text,
  items_limit integer not null,
  asked_at timestamptz not null,
  asker uuid not null,
  result jsonb,
  answered_at timestamptz,
  check ((result is null) = (answered_at is null)),
  unique nulls not distinct (integration_id, calendar_id, mode, window_from, window_to, fingerprint),
  foreign key (integration_id, calendar_id) references private.calendar_cursors (integration_id,
    calendar_id) on delete cascade
);
comment on table private.import_requests is
  'What people asked to have read: due until it is answered, whether or not a request waits for it or the calendar is '
  'followed. An answer waits a minute for its person.';
comment on column private.import_requests.asker is 'The worker that waits for the answer with the person on the line.';
comment on column private.import_requests.result is 'The answer of import_finish, or {error} with a code.';
create index import_requests_waiting on private.import_requests (asked_at) where result is null;
create index import_requests_answered on private.import_requests (answered_at) where answered_at is not null;
alter table private.import_requests enable row level security;

create unlogged table private.import_staging (
  run_id uuid not null,
  event_id text not null,
  removed boolean not null default false,
  etag text,
  status text,
  kind text,
  title text,
  description text,
  location text,
  start_at timestamptz,
  end_at timestamptz,
  all_day boolean,
  start_day date,
  end_day date,
  time_zone text,
  availability text,
  visibility text,
  marker jsonb,
  updated_at timestamptz,
  url text,
  attendees jsonb,
  own_response text,
  series_id text,
  has_content boolean not null default false,
  action text check (action in ('first', 'own', 'none', 'create', 'update', 'cancel', 'hold', 'skip', 'fail')),
  reason text check (action = 'fail' or reason in (
    'outside_window', 'declined', 'not_an_appointment', 'cancelled', 'unchanged', 'exported', 'colleague', 'kept')),
  known_id uuid,
  unreadable text,
  missed boolean not null default false,
  primary key (run_id, event_id)
);
comment on table private.import_staging is
  'What a run has read and not yet applied. removed: a hint of the provider that is still to be checked. action, '
  'reason: what import_finish decides for events of others. Unlogged: what a crash loses is read again. '
  'unreadable: why nothing but the id could be kept. missed: it was not found, which proves nothing yet.';
alter table private.import_staging enable row level security;

create unlogged table private.staged_runs (
  run_id uuid primary key references private.import_runs (id) on delete cascade
);
comment on table private.staged_runs is
  'Runs whose staging is whole. A crash of the server empties this table together with import_staging: a run that is '
  'not in it has lost what it had read, and what is missing there says nothing.';
alter table private.staged_runs enable row level security;

create type private.verdict_kind as enum (
  'echo', 'accept', 'apply', 'cancel', 'restore', 'end', 'drift', 'wait', 'conflict');
comment on type private.verdict_kind is 'VERDICTS of vocabulary.ts, which says what each means.';
create type private.verdict as (
  event_id text,
  rdv_id uuid,
  -- What was judged.
  etag text,
  link_etag text,
  epoch integer,
  former boolean,
  rdv_updated_at timestamptz,
  question_id uuid,
  question_updated_at timestamptz,
  observed jsonb,
  -- What it is.
  kind private.verdict_kind,
  weight text,
  settles boolean,
  -- What the link becomes.
  state text,
  pushed jsonb,
  base jsonb,
  -- What the appointment becomes.
  starts_at timestamptz,
  ends_at timestamptz,
  location text,
  status text,
  -- What a person is asked.
  reason text,
  payload jsonb,
  -- What the link named when it was judged, and where its event is from now on: in a series, and in which calendar.
  link_event_id text,
  place jsonb,
  link_calendar_id text,
  calendar_id text,
  target_calendar_id text
);
comment on type private.verdict is
  'Verdict of sync/inbound/reconcile.ts: what was decided about an event of ours, and the state for which it was. '
  'former: about an earlier event of the appointment. weight: moved, gone, or null where it does not count as a '
  'change. observed, pushed, base: EventContent of the provider port.';
create type private.settled_link as (
  state private.link_state,
  etag text,
  pushed jsonb,
  base jsonb,
  calendar_id text,
  event_id text,
  epoch integer
);
comment on type private.settled_link is
  'SettledLink of sync/inbound/settle_conflict.ts. calendar_id, event_id, epoch: the event that the link names '
  'from now on; nulls: the one it names.';
create type private.settled_former as (etag text, ends boolean);
comment on type private.settled_former is
  'SettledFormer of sync/inbound/settle_conflict.ts: an earlier event is ended, or left in this version.';
create type private.settled_rdv as (
  practitioner_id uuid,
  patient_id uuid,
  type text,
  act text,
  notes text,
  location text,
  starts_at timestamptz,
  ends_at timestamptz,
  status text,
  source text
);
comment on type private.settled_rdv is 'SettledRdv of sync/inbound/settle_conflict.ts.';
create type private.settlement as (
  -- What was judged.
  question_updated_at timestamptz,
  rdv_updated_at timestamptz,
  link_state private.link_state,
  link_etag text,
  epoch integer,
  event_updated_at timestamptz,
  -- What the question becomes.
  status text,
  resolution text,
  reason text,
  payload jsonb,
  -- What else becomes of it; nulls: nothing.
  link private.settled_link,
  rdv private.settled_rdv,
  duplicate private.settled_rdv,
  push boolean,
  revisit boolean,
  former private.settled_former
);
comment on type private.settlement is
  'Settlement of sync/inbound/settle_conflict.ts: what a decision about a conflict writes, and the state for which it '
  'was made.';

create table private.import_revisits (
  integration_id uuid not null,
  calendar_id text not null,
  event_id text not null,
  since timestamptz not null,
  missed_at timestamptz,
  written_at timestamptz,
  rdv_id uuid,
  primary key (integration_id, calendar_id, event_id),
  foreign key (integration_id, calendar_id) references private.calendar_cursors (integration_id,
    calendar_id) on delete cascade
);
comment on table private.import_revisits is
  'Events of ours whose change waited for our own write, or that were written while a full reading passed them by: '
  'the next run reads them one by one, for no cursor may bring them again. rdv_id: read under the id that its link '
  'has by then. missed_at: since when it is not found, without a proof that it was deleted; '
  'written_at: when an event of others was written.';
alter table private.import_revisits enable row level security;

create table private.watch_channels (
  channel_id text primary key,
  integration_id uuid not null,
  calendar_id text not null,
  provider text not null,
  resource_id text,
  secret_hash text not null,
  expires_at timestamptz,
  created_at timestamptz not null,
  last_notice_at timestamptz,
  missed integer not null default 0,
  replaced_at timestamptz,
  foreign key (integration_id, calendar_id) references private.calendar_cursors (integration_id,
    calendar_id) on delete cascade
);
comment on table private.watch_channels is 'Push subscriptions. Of the secret only the SHA-256 is kept.';
comment on column private.watch_channels.missed is
  'Polls that found something of which this channel told nothing, in a row: the channel is dead.';
create index watch_channels_secret on private.watch_channels (secret_hash);
create index watch_channels_calendar on private.watch_channels (integration_id, calendar_id);
alter table private.watch_channels enable row level security;

create type private.import_tally as (
  created integer,
  updated integer,
  cancelled integer,
  failed integer,
  own integer,
  passed integer,
  known integer,
  questions integer
);
comment on type private.import_tally is
  'How many staged events came to which decision; passed: on purpose not taken over; known: in the window before; '
  'questions: how many about overlaps.';

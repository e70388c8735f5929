-- What a person's decision about a conflict changed, as it was before: what undoing the decision puts back.

create table private.decisions (
  conflict_id uuid primary key references public.sync_conflicts (id) on delete cascade,
  decided_at timestamptz not null,
  payload jsonb not null,
  link jsonb,
  former jsonb,
  appointments jsonb not null,
  events jsonb not null
);
comment on table private.decisions is
  'Both sides of a question as they were when a person decided about it, for as long as the decision can be taken '
  'back: until it is, until the next night, or until something of it has to be forgotten.';
comment on column private.decisions.payload is 'The question as it was shown, with its text.';
comment on column private.decisions.link is
  'The link of the appointment: {calendarId, eventId, epoch, etag, state, pushed, base}; null where the event is of '
  'others.';
comment on column private.decisions.former is 'Where the question was about an earlier event: {etag}.';
comment on column private.decisions.appointments is
  '[{id, version, before}]. version: its updated_at as the decision left it. before: {status, starts_at, ends_at, '
  'type, location}, the status alone where the question is about overlaps, null of one that the decision made.';
comment on column private.decisions.events is
  'Events of others: [{id, before: {cassius_appointment_id, became_rdv_at, timed_before}}].';
alter table private.decisions enable row level security;

create type private.undoing as (
  -- What was judged.
  question_updated_at timestamptz,
  link_state private.link_state,
  link_etag text,
  epoch integer,
  -- What becomes of it; nulls: nothing.
  link private.settled_link,
  etag text,
  writes boolean
);
comment on type private.undoing is
  'Undoing of sync/inbound/undo_decision.ts: what undoing a decision writes, and the state for which it was judged. '
  'etag: the version of the event that the open question is about. writes: the event itself is written to or ended.';

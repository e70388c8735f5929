-- What must be forgotten: a patient who is erased, an event that became private, a question that is answered.
--
-- The rules are triggers, so that they hold whichever function or person writes, and a plain delete does the same
-- as `erase_patient`. What is kept for how long is tabled in docs/privacy.md, which a test compares with this schema.

create table private.left_events (
  organisation_id uuid not null,
  provider text not null,
  account_id text not null,
  account_email text,
  calendar_id text not null,
  event_id text not null,
  rdv_id uuid not null,
  epoch integer not null,
  patient_id uuid,
  erase_since timestamptz,
  left_at timestamptz not null,
  primary key (organisation_id, provider, account_id, calendar_id, event_id)
);
comment on table private.left_events is
  'Events of ours in an account that was exchanged for another, or whose user was deleted: found again if that '
  'account comes back.';
create index left_events_rdv on private.left_events (rdv_id);
create index left_events_patient on private.left_events (patient_id) where patient_id is not null;
alter table private.left_events enable row level security;

-- Which appointment is dirty for which integration. Never what changed: the worker reads the row when it works.
--
-- States and the order of locks: docs/states.md.

create sequence private.sync_versions;
comment on sequence private.sync_versions is
  'Every mark gets a new version; a worker completes only the version that it read.';

create type private.queue_request as enum ('change', 'retry', 'sync_now');
comment on type private.queue_request is
  'Why an appointment is queued, the later one wins. change: something that its event shows; retry: a person asked '
  'for it, the past too; sync_now: likewise, and its event is looked at even if nothing changed here.';

create table private.sync_outbox (
  integration_id uuid not null,
  rdv_id uuid not null,
  organisation_id uuid not null,
  version bigint not null default nextval('private.sync_versions'),
  next_attempt_at timestamptz not null,
  dirty_since timestamptz not null,
  attempts integer not null default 0,
  first_failed_at timestamptz,
  parked_at timestamptz,
  last_error_code text,
  request private.queue_request not null default 'change',
  run_id uuid,
  primary key (integration_id, rdv_id)
);
comment on table private.sync_outbox is
  'Dirty appointments. A row leaves when its version is done; parked rows wait for a person. No foreign keys: a bulk '
  'booking pays for every check.';
comment on column private.sync_outbox.run_id is
  'The manual run that counts what becomes of it, whichever worker does it.';
create index sync_outbox_due on private.sync_outbox (integration_id, next_attempt_at) where parked_at is null;
create index sync_outbox_parked on private.sync_outbox (integration_id) where parked_at is not null;
create index sync_outbox_run on private.sync_outbox (run_id) where run_id is not null;
alter table private.sync_outbox enable row level security;

create table private.sync_lanes (
  integration_id uuid primary key references public.calendar_integrations (id) on delete cascade,
  organisation_id uuid not null,
  provider text not null,
  lease_owner uuid,
  lease_until timestamptz,
  paused_until timestamptz,
  pause_code text,
  strikes integer not null default 0,
  reserved_units integer not null default 0,
  last_success_at timestamptz,
  reachable boolean not null,
  first_due_at timestamptz,
  hurried_at timestamptz,
  due_at timestamptz generated always as (
    case when reachable and first_due_at is not null then greatest(first_due_at, paused_until) end
  ) stored
);
comment on table private.sync_lanes is
  'One lane an integration, leased by one worker at a time: providers throttle concurrent writes to one calendar.';
comment on column private.sync_lanes.strikes is 'Troubles of the whole lane in a row, for the backoff.';
comment on column private.sync_lanes.reachable is 'Its connection is connected; kept by private.reach_lane.';
comment on column private.sync_lanes.first_due_at is
  'When its first row is due: never later than that, unless lane_notices tells of an earlier one; null: none waits. '
  'One that has just been worked on and has more is due now, behind the others.';
comment on column private.sync_lanes.due_at is
  'When a worker may take it, a lease that runs apart; null: it is in no queue.';
comment on column private.sync_lanes.hurried_at is
  'When a person changed something of it by itself, until a worker takes it: for a minute it goes before the others.';
create index sync_lanes_hurried on private.sync_lanes (provider, hurried_at)
where hurried_at is not null and due_at is not null;
create index sync_lanes_due on private.sync_lanes (provider, due_at) where due_at is not null;
alter table private.sync_lanes enable row level security;

create table private.lane_notices (
  id bigint generated always as identity primary key,
  integration_id uuid not null,
  due_at timestamptz not null,
  hurried boolean not null default false
);
comment on column private.lane_notices.hurried is 'A person waits for it: a statement that wrote a row or a few.';
comment on table private.lane_notices is
  'Lanes whose queue got rows or earlier times, until a claim has written that to the lane. Rows are only added and '
  'taken away, and no foreign key locks the lane: a booking waits for no worker.';
alter table private.lane_notices enable row level security;

create table private.account_budgets (
  provider text not null,
  account_id text not null,
  units numeric not null,
  refilled_at timestamptz not null,
  primary key (provider, account_id)
);
comment on table private.account_budgets is
  'Token bucket of quota units for each provider account, which several integrations may share.';
alter table private.account_budgets enable row level security;

create table private.project_budgets (
  provider text not null,
  part integer not null,
  units numeric not null,
  capacity numeric not null,
  rate numeric not null,
  refilled_at timestamptz not null,
  refused_until timestamptz not null default '-infinity',
  primary key (provider, part)
);
comment on table private.project_budgets is
  'Token bucket of quota units for our project at a provider, which all practices share, in parts: a claim takes from '
  'one that no other holds.';
comment on column private.project_budgets.capacity is 'Units that may be spent at once.';
comment on column private.project_budgets.rate is 'Units that come back in a second.';
comment on column private.project_budgets.refilled_at is 'Up to when units came back.';
comment on column private.project_budgets.refused_until is
  'The provider has said that the project''s quota is used up: nothing is begun before.';
alter table private.project_budgets enable row level security;

create table private.practice_shares (
  provider text not null,
  organisation_id uuid not null,
  paid_until timestamptz not null,
  primary key (provider, organisation_id)
);
comment on table private.practice_shares is
  'What practices have had of the project''s quota lately.';
comment on column private.practice_shares.paid_until is
  'When its share of the quota, a twentieth, will have paid for what it spent. More than a minute ahead: it has had '
  'more than its share.';
create index practice_shares_over on private.practice_shares (provider, paid_until);
alter table private.practice_shares enable row level security;

create table private.worker_places (
  provider text not null,
  task text not null,
  place integer not null,
  worker uuid,
  held_until timestamptz not null,
  primary key (provider, task, place)
);
comment on table private.worker_places is
  'Places of the workers that go on from one claim to the next: there are as many as private.most_workers says.';
comment on column private.worker_places.task is 'Which of the provider''s functions: as private.nudge names them.';
comment on column private.worker_places.held_until is 'A worker that died without a word holds it no longer.';
alter table private.worker_places enable row level security;

-- What workers tell, parsed once: the functions pass it on as rows with names.

create type private.announcement as (
  rdv_id uuid, state private.link_state, calendar_id text, event_id text, epoch integer,
  target_calendar_id text, description text
);
comment on type private.announcement is 'Reservation of the outbound port: a write that is about to be sent.';

create type private.job_result as (
  rdv_id uuid, version bigint, outcome text, action text, reason text, delay_seconds double precision, error jsonb,
  conflict_reason text, conflict_payload jsonb,
  calendar_id text, event_id text, epoch integer, etag text, state private.link_state, pushed jsonb, base jsonb,
  place jsonb, outdated boolean, run_id uuid, manual boolean, queue_row tid, target_calendar_id text
);
comment on type private.job_result is
  'JobResult of the outbound port: what became of a job; error is {code, message}; without a state it tells nothing '
  'of its link. And what its queue row says by now: it changed meanwhile (outdated), the run that counts it, and '
  'where the row is, which stays so as long as it is locked.';

create type private.lane_report as (
  run_id uuid, trigger text, used_units integer, release boolean, pause_seconds double precision, pause_code text,
  strike boolean, worked boolean, refused uuid[], project boolean
);
comment on type private.lane_report is
  'LaneReport of the outbound port: what became of a lane since the report before.';

-- Which appointment is dirty for which integration. Never what changed: the worker reads the row when it works.
--
-- Lock rule, so that a booking never waits for a worker and never meets a deadlock with one: whoever writes a link or an
-- outbox row holds the lock of the outbox row, taken in the order (integration_id, rdv_id); a worker never waits for one.

create sequence private.sync_versions;
comment on sequence private.sync_versions is 'Every mark gets a new version; a worker completes only the version that it read.';

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
  forced boolean not null default false,
  verify boolean not null default false,
  unsure boolean not null default false,
  run_id uuid,
  primary key (integration_id, rdv_id)
);
comment on table private.sync_outbox is 'Dirty appointments. A row leaves when its version is done; parked rows wait for a person. No foreign keys: a bulk booking pays for every check.';
comment on column private.sync_outbox.forced is 'A person asked for it: the past is exported too.';
comment on column private.sync_outbox.verify is 'Look at the event even if nothing changed here.';
comment on column private.sync_outbox.unsure is 'A write of it may have happened whose answer nobody has: look at the event before anything is written or left.';
comment on column private.sync_outbox.run_id is 'The manual run that counts what becomes of it, whichever worker does it.';
create index sync_outbox_due on private.sync_outbox (integration_id, next_attempt_at) where parked_at is null;
create index sync_outbox_run on private.sync_outbox (run_id) where run_id is not null;
alter table private.sync_outbox enable row level security;

create table private.sync_lanes (
  integration_id uuid primary key references public.calendar_integrations (id) on delete cascade,
  organisation_id uuid not null,
  provider text not null,
  lease_owner uuid,
  lease_until timestamptz,
  claimed_at timestamptz,
  paused_until timestamptz,
  pause_code text,
  strikes integer not null default 0,
  reserved_units integer not null default 0,
  last_success_at timestamptz
);
comment on table private.sync_lanes is 'One lane an integration, leased by one worker at a time: providers throttle concurrent writes to one calendar.';
comment on column private.sync_lanes.strikes is 'Troubles of the whole lane in a row, for the backoff.';
create index sync_lanes_provider on private.sync_lanes (provider);
alter table private.sync_lanes enable row level security;

create table private.account_budgets (
  provider text not null,
  account_id text not null,
  units numeric not null,
  refilled_at timestamptz not null,
  primary key (provider, account_id)
);
comment on table private.account_budgets is 'Token bucket of quota units for each provider account, which several integrations may share.';
alter table private.account_budgets enable row level security;

-- Credentials of connected accounts, consents under way, and what happens when either ends.

create table private.credentials (
  integration_id uuid primary key references public.calendar_integrations (id) on delete cascade,
  organisation_id uuid not null,
  version bigint not null default 1,
  access_sealed jsonb not null,
  access_expires_at timestamptz not null,
  refresh_sealed jsonb not null,
  scopes text[] not null default '{}',
  updated_at timestamptz not null default now(),
  foreign key (organisation_id, integration_id)
    references public.calendar_integrations (organisation_id, id) on delete cascade
);
comment on table private.credentials is
  'Sealed tokens. version rises with every write: who renews must have read the version that is stored.';
create index credentials_organisation on private.credentials (organisation_id, integration_id);
alter table private.credentials enable row level security;

create table private.oauth_states (
  state_hash text primary key,
  organisation_id uuid not null,
  user_id uuid not null references auth.users (id) on delete cascade,
  provider text not null,
  browser boolean not null,
  code_verifier_sealed jsonb not null,
  redirect_to text,
  code_sealed jsonb,
  confirm_hash text,
  expires_at timestamptz not null,
  used_at timestamptz,
  created_at timestamptz not null default now()
);
comment on table private.oauth_states is
  'Consents under way, one row a state, found by hash and used once. A held code waits sealed until its person '
  'confirms.';
comment on column private.oauth_states.confirm_hash is
  'SHA-256 of the secret that the browser which consented was given: made at the callback, so who began the consent '
  'does not know it.';
create unique index oauth_states_confirm on private.oauth_states (confirm_hash);
create index oauth_states_expiry on private.oauth_states (expires_at);
create index oauth_states_organisation on private.oauth_states (organisation_id);
create index oauth_states_user on private.oauth_states (user_id);
alter table private.oauth_states enable row level security;

create table private.pending_grants (
  integration_id uuid primary key,
  organisation_id uuid not null,
  provider text not null,
  account_id text not null,
  account_email text,
  scopes text[] not null,
  tokens_sealed jsonb not null,
  access_expires_at timestamptz not null,
  expires_at timestamptz,
  created_at timestamptz not null default now(),
  foreign key (organisation_id, integration_id)
    references public.calendar_integrations (organisation_id, id) on delete cascade
);
comment on table private.pending_grants is
  'A grant of another account than the connection''s own, kept until its person says what becomes of the old one.';
comment on column private.pending_grants.tokens_sealed is '{access, refresh}, sealed as one text.';
comment on column private.pending_grants.expires_at is
  'Null while the events of the old account are removed for it: it takes over when they are gone.';
create index pending_grants_account on private.pending_grants (provider, account_id);
create index pending_grants_organisation on private.pending_grants (organisation_id, integration_id);
alter table private.pending_grants enable row level security;

insert into private.sealed_columns (relation, envelope, organisation, integration, kind) values
  ('private.credentials', 'access_sealed', 'organisation_id', 'integration_id', $$'access'$$),
  ('private.credentials', 'refresh_sealed', 'organisation_id', 'integration_id', $$'refresh'$$),
  ('private.oauth_states', 'code_sealed', 'organisation_id', 'null::uuid', $$'code:' || state_hash$$),
  ('private.pending_grants', 'tokens_sealed', 'organisation_id', 'integration_id', $$'pending'$$),
  ('private.oauth_states', 'code_verifier_sealed', 'organisation_id', 'null::uuid', $$'code_verifier:' || state_hash$$);

-- People and practices who leave: their events are removed if that is wanted, and their grants are given back.

create table private.grant_revocations (
  id uuid primary key default gen_random_uuid(),
  provider text not null,
  account_id text not null,
  token_sealed jsonb not null,
  attempts integer not null default 0,
  next_attempt_at timestamptz not null,
  created_at timestamptz not null
);
comment on table private.grant_revocations is
  'Sealed refresh tokens of ended connections, to be revoked at the provider and then forgotten; for three days at '
  'most.';
create index grant_revocations_due on private.grant_revocations (provider, next_attempt_at);
alter table private.grant_revocations enable row level security;

insert into private.sealed_columns (relation, envelope, organisation, integration, kind)
  values ('private.grant_revocations', 'token_sealed', 'null::uuid', 'id', $$'revocation'$$);

-- Sealing of tokens. The only place that names pgsodium, so that leaving it touches nothing else.

create table private.sealed_columns (
  relation text not null,
  envelope text not null,
  organisation text not null,
  integration text not null,
  kind text not null,
  primary key (relation, envelope)
);
comment on table private.sealed_columns is
  'Every column that holds sealed tokens, with the SQL expressions of a row that its tokens are bound to: what '
  'private.rewrap_tokens() goes through. A migration adds the columns that it makes.';
alter table private.sealed_columns enable row level security;

-- Settings belong to no practice; their kind is their key: nudge_secret is sealed as nudge.
insert into private.sealed_columns (relation, envelope, organisation, integration, kind) values (
  'private.app_config', 'sealed',
  $$'00000000-0000-0000-0000-000000000000'::uuid$$, $$'00000000-0000-0000-0000-000000000000'::uuid$$,
  $$regexp_replace(key, '_secret$', '')$$
);

create table private.sealing_canaries (
  scheme text primary key,
  sealed jsonb not null,
  created_at timestamptz not null default now()
);
comment on table private.sealing_canaries is
  'A sample for each scheme, sealed when the scheme became live: it opens only with the root key that sealed the '
  'tokens.';
alter table private.sealing_canaries enable row level security;

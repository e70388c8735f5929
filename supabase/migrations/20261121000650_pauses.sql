-- The switches: everything, one provider, or one practice is stopped until it is resumed. Bookings go on and wait.

create table private.sync_pauses (
  scope text not null check (scope in ('all', 'provider', 'practice')),
  key text not null,
  reason text not null check (length(btrim(reason)) between 1 and 500),
  paused_at timestamptz not null default now(),
  primary key (scope, key),
  check ((scope = 'all') = (key = ''))
);
comment on table private.sync_pauses is 'What is stopped. One owner reads it: private.paused.';
comment on column private.sync_pauses.key is 'The provider''s name, the practice''s id, or nothing for all.';
alter table private.sync_pauses enable row level security;

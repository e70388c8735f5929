-- Addresses by which a practitioner's own calendar program reads their appointments, where it cannot be connected.

create table public.calendar_feeds (
  organisation_id uuid not null,
  member_id uuid not null,
  user_id uuid not null references auth.users (id) on delete cascade,
  event_detail text not null check (event_detail in ('full', 'initials', 'busy')),
  secret_hash text not null unique check (secret_hash ~ '^[0-9a-f]{64}$'),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (organisation_id, member_id)
);
comment on table public.calendar_feeds is
  'The subscription address of a member: whose appointments it shows, and how much of them. It is gone with the '
  'membership and with the login.';
comment on column public.calendar_feeds.secret_hash is
  'SHA-256 of the secret part of the address, in hexadecimal. The secret is shown once, and kept nowhere.';
create index calendar_feeds_member on public.calendar_feeds (member_id);
create index calendar_feeds_user on public.calendar_feeds (user_id);
alter table public.calendar_feeds enable row level security;
grant select (organisation_id, member_id, user_id, event_detail, created_at), update (event_detail), delete
  on public.calendar_feeds to authenticated;
grant select, insert, update, delete on public.calendar_feeds to service_role;

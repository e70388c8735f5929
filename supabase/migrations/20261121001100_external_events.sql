-- Events of people's own calendars, as far as they let the practice see it.

create extension if not exists btree_gist with schema extensions;

create table public.external_events (
  id uuid primary key default gen_random_uuid(),
  organisation_id uuid not null,
  integration_id uuid not null,
  user_id uuid not null,
  provider text not null,
  external_calendar_id text not null check (octet_length(external_calendar_id) <= 1024),
  external_event_id text not null check (octet_length(external_event_id) <= 1024),
  etag text check (octet_length(etag) <= 1024),
  status text not null check (status in ('confirmed', 'tentative', 'cancelled')),
  kind text not null check (kind in (
    'appointment', 'out_of_office', 'focus_time', 'working_location', 'birthday', 'task', 'other')),
  summary text check (length(summary) <= 1024),
  description text check (length(description) <= 8192),
  location text check (length(location) <= 1024),
  start_at timestamptz not null,
  end_at timestamptz not null,
  all_day boolean not null default false,
  start_day date,
  end_day date,
  time_zone text check (length(time_zone) <= 64),
  attendees jsonb not null default '[]'::jsonb check (jsonb_array_length(attendees) <= 100),
  html_link text check (length(html_link) <= 2048),
  own_response text check (own_response in ('none', 'accepted', 'tentative', 'declined')),
  visibility text not null check (visibility in ('normal', 'private')),
  availability text not null check (availability in ('busy', 'free')),
  series_id text check (octet_length(series_id) <= 1024),
  updated_at_provider timestamptz,
  last_synced_at timestamptz not null,
  cassius_appointment_id uuid,
  became_rdv_at timestamptz,
  detached_at timestamptz,
  erased_at timestamptz,
  timed_before tstzrange,
  check (end_at >= start_at),
  during tstzrange not null generated always as (
    tstzrange(start_at, end_at, case when end_at > start_at then '[)' else '[]' end)) stored,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (organisation_id, external_calendar_id, external_event_id),
  foreign key (organisation_id, integration_id)
    references public.calendar_integrations (organisation_id, id) on delete cascade
);
comment on table public.external_events is 'Events of people''s own calendars. Of a private one only the time is kept.';
comment on column public.external_events.end_at is
  'Exclusive. An all-day event also has its days, whose end is exclusive too; the instants are midnights of the '
  'practice''s zone.';
comment on column public.external_events.during is
  'The time that it takes; that of an event without length is its instant, for an empty range would be in no window.';
comment on column public.external_events.cassius_appointment_id is
  'The appointment that was made of it, where events are imported as appointments.';
comment on column public.external_events.became_rdv_at is
  'An event becomes an appointment once: deleting that appointment does not bring it back.';
comment on column public.external_events.detached_at is
  'The person kept it here although it is gone there: absence is no news any more.';
comment on column public.external_events.erased_at is
  'The patient of the appointment made of it was erased: its text is not taken over any more.';
comment on column public.external_events.timed_before is
  'While it is at no time that an appointment can be at (whole days, or no length): when it was last, which an '
  'appointment made of it still says.';
create index external_events_period on public.external_events using gist (integration_id, during)
  where status <> 'cancelled';
create index external_events_series on public.external_events (integration_id, series_id) where series_id is not null;
create index external_events_organisation on public.external_events (organisation_id, start_at);
create index external_events_rdv on public.external_events (cassius_appointment_id)
  where cassius_appointment_id is not null;

alter table public.external_events enable row level security;
grant select on public.external_events to authenticated;
grant select, insert, update, delete on public.external_events to service_role;

create view public.google_calendar_events with (security_invoker = true) as
select
  e.id, e.organisation_id, e.user_id, e.external_calendar_id as google_calendar_id,
  e.external_event_id as google_event_id,
  e.etag, e.status, e.summary, e.description, e.location, e.start_at, e.end_at, e.all_day, e.attendees, e.html_link,
  e.updated_at_provider as updated_at_google, e.last_synced_at, e.cassius_appointment_id, e.created_at, e.updated_at
from public.external_events e
where e.provider = 'google';
comment on view public.google_calendar_events is 'External events of Google, under the names that API clients ask for.';
grant select on public.google_calendar_events to authenticated, service_role;

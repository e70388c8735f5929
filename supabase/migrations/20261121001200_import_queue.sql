-- Which calendars are followed, how far each has been read, and who reads it now.

create table private.calendar_cursors (
  integration_id uuid not null references public.calendar_integrations (id) on delete cascade,
  calendar_id text not null check (octet_length(calendar_id) <= 1024),
  organisation_id uuid not null,
  provider text not null,
  sync_token text,
  window_from timestamptz,
  window_to timestamptz,
  read_to timestamptz,
  covers_events boolean not null default false,
  next_poll_at timestamptz not null,
  lease_owner uuid,
  lease_until timestamptz,
  claimed_at timestamptz,
  run_id uuid,
  run_full boolean not null default false,
  run_events boolean not null default false,
  run_from timestamptz,
  run_to timestamptz,
  run_read_to timestamptz,
  run_notice bigint,
  run_starts integer not null default 0,
  run_cursor text,
  page_token text,
  failures integer not null default 0,
  last_error text,
  checked_at timestamptz,
  decided_mass text,
  decided_action text,
  watch_refused_at timestamptz,
  primary key (integration_id, calendar_id)
);
comment on table private.calendar_cursors is 'One row a calendar that is or was read. The token is stored last, in the transaction that applies what it covers.';
comment on column private.calendar_cursors.window_to is 'Events of others are taken over up to here; what is ours is followed up to read_to.';
comment on column private.calendar_cursors.covers_events is 'Whether events of others were taken over too, up to this token; where only ours were, it is of no use to an import.';
comment on column private.calendar_cursors.run_notice is 'The last notice that was known when the run began: it clears no later one.';
comment on column private.calendar_cursors.run_starts is 'How often the run was taken up without getting on: what kills each worker ends as a failure.';
comment on column private.calendar_cursors.run_cursor is 'The token that the last page brought: everything is read, and only the ending is left.';
comment on column private.calendar_cursors.page_token is 'Where a run that is being read goes on.';
comment on column private.calendar_cursors.checked_at is 'Up to when appointments were compared with events for overlaps.';
comment on column private.calendar_cursors.decided_mass is 'Fingerprint of the mass change about which a person has decided (decided_action).';
comment on column private.calendar_cursors.watch_refused_at is 'The provider said that this calendar can never be watched.';
create index calendar_cursors_due on private.calendar_cursors (provider, next_poll_at);
create index calendar_cursors_run on private.calendar_cursors (run_id) where run_id is not null;
alter table private.calendar_cursors enable row level security;

create table private.calendar_notices (
  id bigint generated always as identity primary key,
  integration_id uuid not null,
  calendar_id text not null,
  told_at timestamptz not null
);
comment on table private.calendar_notices is 'Calendars of which a provider said that they changed, until a reading that began later has ended. Rows are only added and taken away, and no foreign key locks the calendar: a notice waits for no reading.';
create index calendar_notices_calendar on private.calendar_notices (integration_id, calendar_id, id);
alter table private.calendar_notices enable row level security;

create table private.import_requests (
  run_id uuid primary key default gen_random_uuid(),
  integration_id uuid not null,
  calendar_id text not null,
  mode text not null check (mode in ('import', 'preview')),
  window_from timestamptz,
  window_to timestamptz,
  fingerprint text,
  items_limit integer not null,
  asked_at timestamptz not null,
  asker uuid not null,
  result jsonb,
  answered_at timestamptz,
  check ((result is null) = (answered_at is null)),
  unique nulls not distinct (integration_id, calendar_id, mode, window_from, window_to, fingerprint),
  foreign key (integration_id, calendar_id) references private.calendar_cursors (integration_id, calendar_id) on delete cascade
);
comment on table private.import_requests is 'What people asked to have read: due until it is answered, whoever waits and whether or not the calendar is followed. An answer waits a minute for its person.';
comment on column private.import_requests.asker is 'The worker that waits for the answer with the person on the line.';
comment on column private.import_requests.result is 'The answer of import_finish, or {error} with a code.';
create index import_requests_waiting on private.import_requests (asked_at) where result is null;
alter table private.import_requests enable row level security;

create unlogged table private.import_staging (
  run_id uuid not null,
  event_id text not null,
  removed boolean not null default false,
  etag text,
  status text,
  kind text,
  title text,
  description text,
  location text,
  start_at timestamptz,
  end_at timestamptz,
  all_day boolean,
  start_day date,
  end_day date,
  time_zone text,
  availability text,
  visibility text,
  marker jsonb,
  updated_at timestamptz,
  url text,
  attendees jsonb,
  own_response text,
  series_id text,
  has_content boolean not null default false,
  action text,
  reason text,
  known_id uuid,
  unreadable text,
  primary key (run_id, event_id)
) with (fillfactor = 50);
comment on table private.import_staging is 'What a run has read and not yet applied. removed: a hint of the provider that is still to be checked. action, reason: what import_finish decides for events of others. Unlogged: what a crash takes away is read again; the row without an id, put there first, tells that it was. unreadable: why nothing but the id could be kept.';
alter table private.import_staging enable row level security;

create table private.import_revisits (
  integration_id uuid not null,
  calendar_id text not null,
  event_id text not null,
  since timestamptz not null,
  rdv_id uuid,
  primary key (integration_id, calendar_id, event_id),
  foreign key (integration_id, calendar_id) references private.calendar_cursors (integration_id, calendar_id) on delete cascade
);
comment on table private.import_revisits is 'Events of ours whose change waited for our own write, or that were written while a full reading passed them by: the next run reads them one by one, for no cursor may bring them again. rdv_id: read under the id that its link has by then.';
alter table private.import_revisits enable row level security;

create table private.watch_channels (
  channel_id text primary key,
  integration_id uuid not null,
  calendar_id text not null,
  provider text not null,
  resource_id text,
  secret_hash text not null,
  expires_at timestamptz,
  created_at timestamptz not null,
  last_notice_at timestamptz,
  missed integer not null default 0,
  replaced_at timestamptz,
  foreign key (integration_id, calendar_id) references private.calendar_cursors (integration_id, calendar_id) on delete cascade
);
comment on table private.watch_channels is 'Push subscriptions. Of the secret only the SHA-256 is kept.';
comment on column private.watch_channels.missed is 'Polls that found something of which this channel told nothing, in a row: the channel is dead.';
create index watch_channels_calendar on private.watch_channels (integration_id, calendar_id);
alter table private.watch_channels enable row level security;

create function private.import_interval() returns interval
language sql stable security definer set search_path = ''
as $$
  select coalesce((select c.value::interval from private.app_config c where c.key = 'import_interval'), interval '5 minutes');
$$;
comment on function private.import_interval() is 'Time between two polls of a followed calendar, before jitter.';

create function private.jittered(p_interval interval) returns interval
language sql volatile set search_path = ''
as $$
  select p_interval * (0.85 + 0.3 * random());
$$;
comment on function private.jittered(interval) is 'Spreads what would otherwise happen to everybody at once.';

create function private.follows(i public.calendar_integrations, p_calendar text) returns text
language sql immutable set search_path = ''
as $$
  select case
    when i.disconnected_at is not null or i.removing_events_since is not null or i.status <> 'connected' then null
    when i.import_enabled and i.calendar_source_id = p_calendar then 'source'
    when i.two_way <> 'off' and i.export_enabled and i.calendar_target_id = p_calendar then 'target'
  end;
$$;
comment on function private.follows(public.calendar_integrations, text) is 'Why a calendar is followed: source, target (only our own events matter), or null.';

create function private.default_window(i public.calendar_integrations, out p_from timestamptz, out p_to timestamptz)
language sql stable security definer set search_path = ''
as $$
  select
    case i.import_range_default when 'month' then date_trunc('month', t.day) else t.day end at time zone g.timezone,
    case i.import_range_default
      when '7d' then t.day + interval '7 days'
      when 'month' then date_trunc('month', t.day) + interval '1 month'
      else t.day + interval '30 days'
    end at time zone g.timezone
  from public.organisations g
  cross join lateral (select date_trunc('day', private.clock() at time zone g.timezone) as day) t
  where g.id = i.organisation_id;
$$;
comment on function private.default_window(public.calendar_integrations) is 'The range that the person chose, from today in the practice''s zone.';

create function private.follow_calendars() returns trigger
language plpgsql security definer set search_path = ''
as $$
declare
  v_now timestamptz := private.clock();
  v_at_once boolean;
begin
  if new.disconnected_at is not null then
    if tg_op = 'UPDATE' and old.disconnected_at is null then
      -- What nobody keeps up to date any more would soon be untrue.
      delete from public.external_events e where e.integration_id = new.id;
      delete from private.calendar_cursors c where c.integration_id = new.id;
      update public.sync_conflicts c set status = 'ignored', resolution = 'disconnected', resolved_at = v_now
      where c.integration_id = new.id and c.status = 'open';
    end if;
    return null;
  end if;
  if tg_op = 'UPDATE' and old.account_id <> new.account_id then
    delete from public.external_events e where e.integration_id = new.id;
    delete from private.calendar_cursors c where c.integration_id = new.id;
  end if;
  insert into private.calendar_cursors (integration_id, calendar_id, organisation_id, provider, next_poll_at)
  select new.id, f.calendar_id, new.organisation_id, new.provider,
    -- A person who has just switched the import on looks at a preview first.
    case when private.follows(new, f.calendar_id) = 'source' then v_now + private.jittered(private.import_interval()) else v_now end
  from (select distinct x.id as calendar_id from unnest(array[new.calendar_source_id, new.calendar_target_id]) as x (id)) f
  where f.calendar_id is not null and private.follows(new, f.calendar_id) is not null
  on conflict (integration_id, calendar_id) do nothing;
  if tg_op = 'UPDATE' and (old.two_way, old.import_as, old.import_range_default, old.status)
      is distinct from (new.two_way, new.import_as, new.import_range_default, new.status) then
    update private.calendar_cursors c set next_poll_at = least(c.next_poll_at, v_now + interval '10 seconds'), failures = 0
    where c.integration_id = new.id and c.sync_token is not null;
  end if;
  if tg_op = 'UPDATE' and (old.two_way = 'off' and new.two_way <> 'off' or old.event_detail <> new.event_detail) then
    -- What changed there while nobody listened is in no delta any more.
    -- An import that has just been switched on waits for its preview all the same.
    v_at_once := private.follows(new, new.calendar_target_id) = 'target'
      or (private.follows(new, new.calendar_target_id) is not null and old.import_enabled);
    update private.calendar_cursors c set
      sync_token = null, next_poll_at = case when v_at_once then least(c.next_poll_at, v_now) else c.next_poll_at end
    where c.integration_id = new.id and c.calendar_id = new.calendar_target_id;
    if v_at_once then
      perform private.nudge(new.provider, 'import');
    end if;
  end if;
  if tg_op = 'UPDATE' and new.import_enabled
    and (old.import_enabled, old.calendar_source_id) is distinct from (new.import_enabled, new.calendar_source_id) then
    -- Followed for our own events alone, it has been read past everybody else's.
    update private.calendar_cursors c set sync_token = null
    where c.integration_id = new.id and c.calendar_id = new.calendar_source_id;
  end if;
  return null;
end
$$;
comment on function private.follow_calendars() is 'Row trigger: the calendars that an integration follows have a cursor; a disconnected one keeps nothing of the person''s calendar.';
-- Not for what workers note there: they would wait for each other's cursors, and for ever where two do so crosswise.
create trigger calendar_integrations_follow
  after insert or update of
    account_id, status, disconnected_at, removing_events_since, export_enabled, calendar_target_id,
    import_enabled, calendar_source_id, import_range_default, import_as, two_way, event_detail
  on public.calendar_integrations
  for each row execute function private.follow_calendars();

create function private.import_due(p_provider text, p_limit integer)
returns table (integration_id uuid, calendar_id text)
language sql stable security definer set search_path = ''
as $$
  with candidate as (
    select n.integration_id, n.calendar_id from private.calendar_notices n
    union
    select q.integration_id, q.calendar_id from private.import_requests q where q.result is null
    union
    select c.integration_id, c.calendar_id from private.calendar_cursors c
    where c.provider = p_provider and c.next_poll_at <= private.clock()
  )
  select c.integration_id, c.calendar_id
  from candidate d
  join private.calendar_cursors c on c.integration_id = d.integration_id and c.calendar_id = d.calendar_id
  join public.calendar_integrations i on i.id = c.integration_id
  cross join lateral (
    select
      i.status = 'connected' and i.disconnected_at is null and i.removing_events_since is null and exists (
        select 1 from private.import_requests q
        where q.integration_id = c.integration_id and q.calendar_id = c.calendar_id and q.result is null
      ) as asked,
      private.follows(i, c.calendar_id) is not null as followed,
      c.failures = 0 and exists (
        select 1 from private.calendar_notices n where n.integration_id = c.integration_id and n.calendar_id = c.calendar_id
      ) as told
  ) w
  where c.provider = p_provider and (c.lease_until is null or c.lease_until <= private.clock())
    and private.paused(c.organisation_id, c.provider) is null
    and (w.asked or w.followed and (w.told or c.next_poll_at <= private.clock()))
  order by case when w.asked or w.told then '-infinity' else c.next_poll_at end, c.claimed_at nulls first,
    c.integration_id, c.calendar_id
  limit p_limit;
$$;
comment on function private.import_due(text, integer) is 'Calendars to be read now: first those for which a person waits and those that a notice marked, then the followed ones that are longest overdue.';

create function private.import_sweep() returns integer
language plpgsql security definer set search_path = ''
as $$
declare
  v_provider text;
  v_sent integer := 0;
begin
  -- An answer that nobody came for shows what is in a calendar: it is not kept.
  delete from private.import_requests q where q.answered_at < private.clock() - interval '1 minute';
  for v_provider in select distinct c.provider from private.calendar_cursors c loop
    if exists (select 1 from private.import_due(v_provider, 1)) and private.nudge(v_provider, 'import') then
      v_sent := v_sent + 1;
    end if;
  end loop;
  return v_sent;
end
$$;
comment on function private.import_sweep() is 'Every minute: nudges the import of each provider for which a calendar is due.';

create function private.keep_import_house() returns void
language plpgsql security definer set search_path = ''
as $$
declare
  v_now timestamptz := private.clock();
  v_unread uuid[];
begin
  delete from private.import_staging s
  where not exists (select 1 from private.calendar_cursors c where c.run_id = s.run_id);
  delete from private.import_requests q where q.asked_at < v_now - interval '1 day';
  delete from private.calendar_notices n where n.told_at < v_now - interval '1 day';
  delete from private.watch_channels w where w.expires_at < v_now - interval '1 day' or w.replaced_at < v_now - interval '1 day';
  delete from public.external_events e
  where e.end_at < v_now - interval '90 days'
    and not exists (select from public.rdv r where r.id = e.cassius_appointment_id and r.organisation_id = e.organisation_id);
  -- One of which an appointment lives stays, without its text, so that it never becomes a second one.
  perform private.forget_event_text(array_agg(e.id), false) from public.external_events e
  where e.end_at < v_now - interval '90 days' and num_nonnulls(e.summary, e.description, e.location, e.html_link) > 0;
  -- In a calendar that is read no longer it is not known whether it is private by now. Should it be read again, all comes anew.
  select array_agg(e.id) into v_unread from public.external_events e
  join public.calendar_integrations i on i.id = e.integration_id
  where e.last_synced_at < v_now - interval '30 days'
    and not (i.import_enabled and i.calendar_source_id is not distinct from e.external_calendar_id)
    and num_nonnulls(e.summary, e.description, e.location, e.html_link) > 0;
  perform private.forget_event_text(v_unread, false);
  update public.external_events e set etag = null where e.id = any (v_unread);
  update public.sync_conflicts c set payload = private.conflict_facts(c.payload, false)
  where c.status <> 'open' and c.resolved_at < v_now - interval '30 days' and c.payload #> '{cassius,location}' is not null;
  delete from public.sync_conflicts c where c.status <> 'open' and c.resolved_at < v_now - interval '180 days';
  update private.link_states s set pushed = null, base = null, fingerprint = null
  from public.appointment_external_links l
  join public.calendar_integrations i on i.id = l.integration_id
  where s.link_id = l.id and i.disconnected_at < v_now - interval '90 days' and (s.pushed is not null or s.base is not null);
  delete from private.left_events e where e.left_at < v_now - interval '400 days';
  delete from private.calendar_cursors c
  using public.calendar_integrations i
  where i.id = c.integration_id and private.follows(i, c.calendar_id) is null and i.status = 'connected'
    and c.next_poll_at < v_now - interval '30 days';
end
$$;
comment on function private.keep_import_house() is
  'Every night: what docs/privacy.md keeps for a time goes: staging, dead channels, events that are over, old decisions.';

select cron.schedule('cassius-import-sweep', '* * * * *', 'select private.import_sweep()');
select cron.schedule('cassius-keep-import-house', '37 3 * * *', 'select private.keep_import_house()');

create function public.import_nudge(p_provider text) returns jsonb
language sql security definer set search_path = ''
as $$
  select to_jsonb(private.nudge(p_provider, 'import'));
$$;
comment on function public.import_nudge(text) is 'Service only: asks for another invocation to go on with the reading.';
revoke execute on function public.import_nudge(text) from public, anon, authenticated;
grant execute on function public.import_nudge(text) to service_role;
revoke execute on all functions in schema private from public;
grant execute on function private.my_organisations(), private.my_administered_organisations() to authenticated;
grant execute on function private.period(timestamptz, timestamptz) to authenticated, service_role;

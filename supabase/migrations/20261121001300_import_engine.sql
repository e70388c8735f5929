-- The reader's round trips: begin or claim, stage each page, ask what needs thought, finish.
--
-- Lock rule: appointments first (without waiting), then what their triggers write, then links. A change of ours that is on its
-- way wins the race on purpose: its conditional write meets the change in the calendar and decides with both before its eyes.

create function private.import_window(
  i public.calendar_integrations, c private.calendar_cursors, p_manual boolean, p_from timestamptz, p_to timestamptz,
  out full_reading boolean, out events boolean, out from_at timestamptz, out to_at timestamptz, out read_to timestamptz
)
language plpgsql stable security definer set search_path = ''
as $$
begin
  events := p_manual or coalesce(private.follows(i, c.calendar_id), 'source') = 'source';
  select coalesce(import_window.p_from, d.p_from), coalesce(import_window.p_to, d.p_to) into from_at, to_at from private.default_window(i) d;
  -- Our own events are followed wherever they lie; the bound moves once a month, so that the cursor lives that long.
  read_to := case
    when i.two_way <> 'off' and i.export_enabled and i.calendar_target_id = c.calendar_id
      then greatest(to_at, date_trunc('month', private.clock()) + interval '13 months')
    else to_at
  end;
  full_reading := c.sync_token is null or (events and not c.covers_events) or c.window_from > from_at or c.window_to < to_at
    or coalesce(c.read_to, c.window_to) < read_to;
  if not full_reading then
    from_at := c.window_from;
    to_at := c.window_to;
    read_to := greatest(c.read_to, c.window_to);
  elsif c.window_from <= to_at and c.window_to >= from_at
    and greatest(c.window_to, to_at) - least(c.window_from, from_at) <= interval '400 days' then
    -- What was followed stays followed, after the end of a token too; a scheduled window leaves the past behind as it slides.
    from_at := case when p_manual then least(c.window_from, from_at)
      else greatest(least(c.window_from, from_at), from_at - interval '31 days') end;
    to_at := greatest(c.window_to, to_at);
    read_to := greatest(read_to, to_at);
  end if;
end
$$;
comment on function private.import_window(public.calendar_integrations, private.calendar_cursors, boolean, timestamptz, timestamptz) is 'What a run reads: in full or from its token, events of others too or only ours, from when to when, and ours up to when.';

create function private.lane_of(
  i public.calendar_integrations, c private.calendar_cursors, p_trigger text, p_mode text
) returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
declare
  v_now timestamptz := private.clock();
  w private.watch_channels;
begin
  select * into w from private.watch_channels k
  where k.integration_id = i.id and k.calendar_id = c.calendar_id and k.resource_id is not null and k.replaced_at is null
    and k.expires_at > v_now and k.missed < 2
  order by k.expires_at desc limit 1;
  return jsonb_build_object(
    'runId', c.run_id, 'integrationId', i.id, 'organisationId', i.organisation_id, 'calendarId', c.calendar_id,
    'trigger', p_trigger, 'mode', p_mode, 'importEvents', c.run_events,
    'importAs', i.import_as, 'twoWay', i.two_way, 'eventDetail', i.event_detail,
    'organisation', (
      select jsonb_build_object('timezone', g.timezone, 'defaultDurationMinutes', g.default_duration_minutes)
      from public.organisations g where g.id = i.organisation_id
    ),
    'window', jsonb_build_object('from', c.run_from, 'to', c.run_read_to),
    'cursor', case when not c.run_full then c.sync_token end, 'full', c.run_full,
    'pageToken', c.page_token, 'endCursor', c.run_cursor,
    'allowMass', c.decided_mass is not null and c.decided_action = 'keep_calendar',
    'revisit', (
      select coalesce(jsonb_agg(q.event_id), '[]'::jsonb)
      from (
        select v.event_id from private.import_revisits v
        where v.integration_id = i.id and v.calendar_id = c.calendar_id
          and not exists (select 1 from private.import_staging s where s.run_id = c.run_id and s.event_id = v.event_id and not s.removed)
        order by v.since limit 50
      ) q
    ),
    'credential', private.known_token(i.id),
    'watch', case when w.channel_id is not null then jsonb_build_object(
      'channelId', w.channel_id, 'resourceId', w.resource_id, 'expiresAt', w.expires_at
    ) end,
    'watchWanted', private.follows(i, c.calendar_id) is not null and c.watch_refused_at is null
      and (w.channel_id is null or w.expires_at < v_now + private.jittered(interval '1 day'))
  );
end
$$;
comment on function private.lane_of(public.calendar_integrations, private.calendar_cursors, text, text) is 'What reading a calendar needs to know.';

create function private.start_import(
  i public.calendar_integrations, p_calendar text, p_worker uuid, p_lease_seconds integer
) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_now timestamptz := private.clock();
  c private.calendar_cursors;
  r public.sync_runs;
  q private.import_requests;
  w record;
  v_notice bigint;
  v_resume boolean;
begin
  select * into c from private.calendar_cursors x where x.integration_id = i.id and x.calendar_id = p_calendar;
  select n.id into v_notice from private.calendar_notices n
  where n.integration_id = i.id and n.calendar_id = p_calendar order by n.id desc limit 1;
  -- A run that began is ended first, then what a person waits for, then what the schedule or a notice wants.
  select * into r from public.sync_runs x where x.id = c.run_id and x.finished_at is null;
  select * into q from private.import_requests x
  where x.integration_id = i.id and x.calendar_id = p_calendar and x.result is null and (r.id is null or x.run_id = r.id)
  order by x.asked_at limit 1;
  if r.id is null then
    r.id := coalesce(q.run_id, gen_random_uuid());
    r.mode := coalesce(q.mode, 'import');
    r.trigger := case when q.run_id is not null then 'manual' when v_notice is not null then 'push' else 'schedule' end;
    c.run_starts := 0;
  elsif c.run_starts >= 5 then
    perform private.fail_import(c, 'IMPORT_FAILED', null);
    return null;
  end if;
  w := private.import_window(i, c, r.trigger = 'manual', q.window_from, q.window_to);
  v_resume := c.run_id = r.id and (c.page_token is not null or c.run_cursor is not null)
    and c.run_from <= w.from_at and c.run_to >= w.to_at and c.run_full = w.full_reading and c.run_events = w.events
    and exists (select 1 from private.import_staging s where s.run_id = c.run_id and s.event_id = '');
  if not coalesce(v_resume, false) then
    delete from private.import_staging s where s.run_id = c.run_id;
    insert into public.sync_runs as x
      (id, organisation_id, integration_id, direction, trigger, started_at, mode, calendar_id, window_from, window_to)
    values (r.id, i.organisation_id, i.id, 'import', r.trigger, v_now, r.mode, p_calendar, w.from_at, w.to_at)
    on conflict (id) do update set
      started_at = excluded.started_at, window_from = excluded.window_from, window_to = excluded.window_to,
      finished_at = null, error = null, pages = 0, events = 0;
    insert into private.import_staging (run_id, event_id, action) values (r.id, '', 'first');
    c.run_full := w.full_reading;
    c.run_events := w.events;
    c.run_from := w.from_at;
    c.run_to := w.to_at;
    c.run_read_to := w.read_to;
    c.run_notice := coalesce(v_notice, 0);
    c.run_cursor := null;
    c.page_token := null;
  end if;
  update private.calendar_cursors x set
    lease_owner = p_worker, lease_until = v_now + make_interval(secs => p_lease_seconds), claimed_at = v_now,
    run_id = r.id, run_starts = c.run_starts + 1, run_full = c.run_full, run_events = c.run_events, run_from = c.run_from,
    run_to = c.run_to, run_read_to = c.run_read_to, run_notice = c.run_notice,
    run_cursor = c.run_cursor, page_token = c.page_token
  where x.integration_id = i.id and x.calendar_id = p_calendar
  returning * into c;

  -- Its id was not the provider's yet when the reading passed it by.
  with old as (
    delete from private.import_revisits v
    using public.appointment_external_links l
    where v.integration_id = i.id and v.calendar_id = p_calendar
      and l.integration_id = i.id and l.rdv_id = v.rdv_id and l.external_event_id <> v.event_id
    returning v.rdv_id, v.since, l.external_calendar_id, l.external_event_id
  )
  insert into private.import_revisits (integration_id, calendar_id, event_id, rdv_id, since)
  select i.id, p_calendar, o.external_event_id, o.rdv_id, o.since from old o where o.external_calendar_id = p_calendar
  on conflict do nothing;
  return private.lane_of(i, c, r.trigger, r.mode);
end
$$;
comment on function private.start_import(public.calendar_integrations, text, uuid, integer) is 'Leases a calendar and hands out what reading it needs; a run that stopped half-way goes on where it was. Null where a run got nowhere too often: it has failed.';

create function public.import_begin(
  p_organisation uuid, p_user uuid, p_provider text, p_calendar text, p_from timestamptz, p_to timestamptz, p_mode text,
  p_worker uuid, p_lease_seconds integer, p_fingerprint text default null, p_items_limit integer default 0,
  p_work boolean default true
) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_now timestamptz := private.clock();
  v_lane jsonb;
  i public.calendar_integrations;
  q private.import_requests;
begin
  select * into i from public.calendar_integrations x
  where x.organisation_id = p_organisation and x.user_id = p_user and x.provider = p_provider
    and x.disconnected_at is null and x.removing_events_since is null;
  if not found then
    raise exception 'NOT_CONNECTED' using errcode = 'P0001';
  elsif i.status = 'reconnect_required' then
    raise exception 'NEED_RECONSENT' using errcode = 'P0001';
  elsif private.paused(i.organisation_id, i.provider) is not null then
    raise exception 'SYNC_PAUSED' using errcode = 'P0001';
  end if;
  insert into private.calendar_cursors (integration_id, calendar_id, organisation_id, provider, next_poll_at)
  values (i.id, p_calendar, i.organisation_id, i.provider, v_now + private.jittered(private.import_interval()))
  on conflict (integration_id, calendar_id) do nothing;
  delete from private.import_requests x
  where x.integration_id = i.id and x.calendar_id = p_calendar and x.answered_at < v_now - interval '1 minute';
  insert into private.import_requests as x
    (integration_id, calendar_id, mode, window_from, window_to, fingerprint, items_limit, asked_at, asker)
  values (i.id, p_calendar, p_mode, p_from, p_to, p_fingerprint, p_items_limit, v_now, p_worker)
  on conflict (integration_id, calendar_id, mode, window_from, window_to, fingerprint) do update set asker = excluded.asker
  returning * into q;
  if q.result is not null then
    delete from private.import_requests x where x.run_id = q.run_id;
  elsif p_work then
    perform 1 from private.calendar_cursors c
    where c.integration_id = i.id and c.calendar_id = p_calendar and (c.lease_until is null or c.lease_until <= v_now)
    for no key update skip locked;
    if found then
      v_lane := private.start_import(i, p_calendar, p_worker, p_lease_seconds);
    end if;
  end if;
  return jsonb_build_object('runId', q.run_id, 'lane', v_lane, 'result', q.result);
end
$$;
comment on function public.import_begin(uuid, uuid, text, text, timestamptz, timestamptz, text, uuid, integer, text, integer, boolean) is 'Service only: a person''s import or preview of one calendar, asked for again until it has its result. The same question joins the run that answers it; lane: what the asker may read itself, null while another reads or where p_work says no. Raises NOT_CONNECTED, NEED_RECONSENT, SYNC_PAUSED.';

create function private.calendar_trouble(p_integration uuid, p_calendar text) returns void
language plpgsql security definer set search_path = ''
as $$
declare
  c private.calendar_cursors;
begin
  select * into c from private.calendar_cursors x
  where x.integration_id = p_integration and x.calendar_id = p_calendar for no key update skip locked;
  if found then
    perform private.fail_import(c, 'IMPORT_FAILED', null);
  end if;
exception
  -- What cannot even be marked must not stop the others either: the worker's log names it.
  when others then
    null;
end
$$;
comment on function private.calendar_trouble(uuid, text) is 'Marks a calendar that could not be handed out: a strike, a growing pause, the code that its person sees.';

create function public.import_claim(p_worker uuid, p_provider text, p_max_lanes integer, p_lease_seconds integer) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_now timestamptz := private.clock();
  v_lanes jsonb := '[]'::jsonb;
  v_troubled jsonb := '[]'::jsonb;
  v_lane jsonb;
  v_state text;
  v_due record;
  i public.calendar_integrations;
  v_next timestamptz;
begin
  for v_due in select * from private.import_due(p_provider, p_max_lanes * 3) loop
    exit when jsonb_array_length(v_lanes) >= p_max_lanes or v_state = '57014';
    v_state := null;
    begin
      perform 1 from private.calendar_cursors c
      where c.integration_id = v_due.integration_id and c.calendar_id = v_due.calendar_id
        and (c.lease_until is null or c.lease_until <= v_now)
      for no key update skip locked;
      continue when not found;
      select * into i from public.calendar_integrations x where x.id = v_due.integration_id;
      v_lane := private.start_import(i, v_due.calendar_id, p_worker, p_lease_seconds);
      v_lanes := v_lanes || coalesce(v_lane, '[]'::jsonb);
    exception
      -- Where the statement's time is over this calendar is marked, and the others come with the next claim.
      when query_canceled or others then
        v_state := sqlstate;
    end;
    continue when v_state is null;
    perform private.calendar_trouble(v_due.integration_id, v_due.calendar_id);
    v_troubled := v_troubled || jsonb_build_object(
      'integrationId', v_due.integration_id, 'organisationId', i.organisation_id, 'calendarId', v_due.calendar_id,
      'code', 'IMPORT_FAILED', 'sqlState', v_state
    );
  end loop;
  if jsonb_array_length(v_lanes) + jsonb_array_length(v_troubled) = 0 then
    select min(c.next_poll_at) into v_next
    from private.calendar_cursors c
    join public.calendar_integrations n on n.id = c.integration_id
    where c.provider = p_provider and private.follows(n, c.calendar_id) is not null
      and private.paused(c.organisation_id, c.provider) is null and (c.lease_until is null or c.lease_until <= v_now);
  end if;
  return jsonb_build_object(
    'lanes', v_lanes, 'troubled', v_troubled,
    'nextDueInMs', case when v_next is not null then ceil(extract(epoch from greatest(v_next - v_now, interval '0')) * 1000) end
  );
end
$$;
comment on function public.import_claim(uuid, text, integer, integer) is 'Service only: leases calendars that are due. One that cannot be handed out is marked and reported in troubled ({integrationId, organisationId, calendarId, code, sqlState}); the others go on.';

create function private.leased_cursor(p_worker uuid, p_run uuid) returns private.calendar_cursors
language plpgsql security definer set search_path = ''
as $$
declare
  c private.calendar_cursors;
begin
  update private.calendar_cursors x set lease_until = greatest(x.lease_until, private.clock() + interval '2 minutes')
  where x.run_id = p_run and x.lease_owner = p_worker
  returning * into c;
  return c;
end
$$;
comment on function private.leased_cursor(uuid, uuid) is 'The cursor of a run if the worker still holds it, its lease renewed; a row of nulls otherwise.';

create function public.import_stage(
  p_worker uuid, p_run uuid, p_events json, p_removed jsonb, p_page_token text, p_pages integer default 1,
  p_cursor text default null, p_unreadable jsonb default null
) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  c private.calendar_cursors := private.leased_cursor(p_worker, p_run);
  v_zone text;
  v record;
begin
  if c.run_id is null then
    return jsonb_build_object('lost', true);
  end if;
  select g.timezone into v_zone from public.organisations g where g.id = c.organisation_id;
  -- A page comes as columns: as rows, more time went into reading its JSON than into storing it.
  select * into v from json_to_record(p_events) as p (
    "eventId" text[], etag text[], status text[], kind text[], title text[], description text[], location text[], "allDay" boolean[],
    "startsAt" timestamptz[], "endsAt" timestamptz[], "startDay" date[], "endDay" date[], "timeZone" text[], availability text[],
    visibility text[], marker text[], "updatedAt" timestamptz[], url text[], attendees text[], "ownResponse" text[], "seriesId" text[],
    "requestedId" text[]
  );
  insert into private.import_staging as s (
    run_id, event_id, removed, etag, status, kind, title, description, location, start_at, end_at, all_day, start_day, end_day,
    time_zone, availability, visibility, marker, updated_at, url, attendees, own_response, series_id, has_content
  )
  select distinct on (x.event_id) p_run, x.event_id, false, x.etag, x.status, x.kind,
    case when not t.secret then x.title end, case when not t.secret then x.description end,
    case when not t.secret then x.location end, t.starts, t.ends,
    coalesce(x.all_day, false), x.start_day, x.end_day, x.zone, x.availability, x.visibility, x.marker::jsonb, x.updated_at,
    case when not t.secret then x.url end, case when t.secret then '[]'::jsonb else coalesce(x.attendees, '[]')::jsonb end,
    x.own_response, x.series_id, x.title is not null
  from unnest(
    v."eventId", v.etag, v.status, v.kind, v.title, v.description, v.location, v."allDay", v."startsAt", v."endsAt", v."startDay",
    v."endDay", v."timeZone", v.availability, v.visibility, v.marker, v."updatedAt", v.url, v.attendees, v."ownResponse", v."seriesId",
    v."requestedId"
  ) with ordinality as x (
    event_id, etag, status, kind, title, description, location, all_day, starts_at, ends_at, start_day, end_day, zone, availability,
    visibility, marker, updated_at, url, attendees, own_response, series_id, requested_id, n
  )
  cross join lateral (
    select
      case when x.all_day then x.start_day::timestamp at time zone v_zone else x.starts_at end as starts,
      case when x.all_day then x.end_day::timestamp at time zone v_zone else x.ends_at end as ends,
      -- Not even for the length of a run is more kept of it than its time. Our own events are private too, and are compared.
      coalesce(x.visibility = 'private', false) and x.marker is null and not exists (
        select 1 from public.appointment_external_links l
        where l.integration_id = c.integration_id and l.external_calendar_id = c.calendar_id and l.external_event_id = x.event_id
      ) as secret
  ) t
  -- What lies outside and was never known is nobody's business.
  where (
    x.status = 'cancelled' or x.marker is not null or t.starts is null
    or (t.starts < c.run_to and t.ends >= c.run_from)
    or exists (
      select 1 from public.external_events e
      where e.organisation_id = c.organisation_id and e.external_calendar_id = c.calendar_id and e.external_event_id = x.event_id
    )
    or exists (
      select 1 from public.appointment_external_links l
      where l.integration_id = c.integration_id and l.external_calendar_id = c.calendar_id and l.external_event_id = x.event_id
    )
  )
  -- Of our own making: the outbound side has asked for it and is about to write down what the provider calls it.
  and not exists (
    select 1 from public.appointment_external_links l
    where l.integration_id = c.integration_id and l.external_calendar_id = c.calendar_id and l.external_event_id = x.requested_id
  )
  order by x.event_id, x.n desc
  on conflict (run_id, event_id) do update set
    removed = false, etag = excluded.etag, status = excluded.status, kind = excluded.kind, title = excluded.title,
    description = excluded.description, location = excluded.location, start_at = excluded.start_at, end_at = excluded.end_at,
    all_day = excluded.all_day, start_day = excluded.start_day, end_day = excluded.end_day, time_zone = excluded.time_zone,
    availability = excluded.availability, visibility = excluded.visibility, marker = excluded.marker,
    updated_at = excluded.updated_at, url = excluded.url, attendees = excluded.attendees,
    own_response = excluded.own_response, series_id = excluded.series_id, has_content = excluded.has_content,
    unreadable = null;
  insert into private.import_staging (run_id, event_id, removed)
  select distinct p_run, r.id, true from jsonb_array_elements_text(coalesce(p_removed, '[]'::jsonb)) as r (id)
  on conflict (run_id, event_id) do nothing;
  -- It came, so it is not missing; what it says is not known, so it changes nothing.
  insert into private.import_staging (run_id, event_id, unreadable)
  select distinct on (u ->> 'eventId') p_run, u ->> 'eventId', u ->> 'reason'
  from jsonb_array_elements(coalesce(p_unreadable, '[]'::jsonb)) u
  on conflict (run_id, event_id) do update set unreadable = excluded.unreadable, removed = false, has_content = false;
  update private.calendar_cursors x set
    page_token = p_page_token, run_cursor = coalesce(p_cursor, x.run_cursor),
    run_starts = case when p_page_token is distinct from x.page_token or p_cursor is not null then 0 else x.run_starts end
  where x.integration_id = c.integration_id and x.calendar_id = c.calendar_id;
  update public.sync_runs r set pages = r.pages + p_pages, events = r.events + coalesce(cardinality(v."eventId"), 0) where r.id = p_run;
  return jsonb_build_object('lost', false);
end
$$;
comment on function public.import_stage(uuid, uuid, json, jsonb, text, integer, text, jsonb) is 'Service only: keeps some pages of a run and where to go on; with p_cursor, the last page''s, only the ending is left. p_events: a list for each column. p_unreadable: [{eventId, reason}].';

create function private.push_again(p_integration uuid, p_rdvs uuid[], p_forced boolean) returns boolean
language plpgsql security definer set search_path = ''
as $$
declare
  i public.calendar_integrations;
begin
  select * into i from public.calendar_integrations x where x.id = p_integration;
  if cardinality(p_rdvs) = 0 or not i.export_enabled or i.disconnected_at is not null then
    return false;
  end if;
  perform private.enqueue(array_fill(i.id, array[cardinality(p_rdvs)]), p_rdvs, i.organisation_id, p_forced, false, null);
  perform private.nudge(i.provider);
  return true;
end
$$;
comment on function private.push_again(uuid, uuid[], boolean) is 'Marks appointments dirty after a decision about them. Where nothing is exported none would ever leave the queue: switching the export on marks them all.';

create function private.live_links(c private.calendar_cursors)
returns table (link_id uuid, rdv_id uuid, event_id text, epoch integer, etag text, pushed jsonb, base jsonb, presence text, synced_at timestamptz)
language sql stable security definer set search_path = ''
as $$
  select l.id, l.rdv_id, l.external_event_id, l.epoch, l.etag, s.pushed, s.base, s.presence, l.last_synced_at
  from public.appointment_external_links l
  join private.link_states s on s.link_id = l.id
  where l.integration_id = c.integration_id and l.external_calendar_id = c.calendar_id and s.presence in ('live', 'reserved')
    and s.erase_since is null;
$$;
comment on function private.live_links(private.calendar_cursors) is
  'The events of ours in a calendar, as far as we know; one that is to be erased is compared with nothing any more.';

create function private.unread_links(c private.calendar_cursors) returns table (event_id text, rdv_id uuid, fresh boolean)
language sql stable security definer set search_path = ''
as $$
  select l.event_id, l.rdv_id,
    l.presence = 'reserved' or coalesce(l.synced_at, '-infinity') >= (select r.started_at from public.sync_runs r where r.id = c.run_id)
  from private.live_links(c) l
  where c.run_full
    and not exists (select 1 from private.import_staging s where s.run_id = c.run_id and s.event_id = l.event_id)
    and case l.presence
      when 'live' then private.period(
        (coalesce(l.base, l.pushed) -> 'time' ->> 'startsAt')::timestamptz, (coalesce(l.base, l.pushed) -> 'time' ->> 'endsAt')::timestamptz
      ) && tstzrange(c.run_from, c.run_read_to)
      else exists (select 1 from private.sync_lanes k where k.integration_id = c.integration_id and k.lease_until > private.clock())
    end;
$$;
comment on function private.unread_links(private.calendar_cursors) is 'Events of ours that a full reading should have brought and did not. fresh: written since it began, or being written, so that their absence is no news.';

create function private.missing_events(c private.calendar_cursors) returns table (event_id text, ours boolean)
language sql stable security definer set search_path = ''
as $$
  select s.event_id, exists (select 1 from private.live_links(c) l where l.event_id = s.event_id)
  from private.import_staging s
  where s.run_id = c.run_id and s.removed
  union
  select e.external_event_id, false
  from public.external_events e
  where c.run_full and e.integration_id = c.integration_id and e.external_calendar_id = c.calendar_id and e.status <> 'cancelled'
    and e.detached_at is null and tstzrange(e.start_at, e.end_at) && tstzrange(c.run_from, c.run_to)
    and not exists (select 1 from private.import_staging s where s.run_id = c.run_id and s.event_id = e.external_event_id)
  union
  select u.event_id, true from private.unread_links(c) u where not u.fresh;
$$;
comment on function private.missing_events(private.calendar_cursors) is 'What should have come and did not, and hints of removal: each to be checked by a read, for absence is no deletion.';

create function public.import_missing(p_worker uuid, p_run uuid) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  c private.calendar_cursors := private.leased_cursor(p_worker, p_run);
begin
  if c.run_id is null then
    return jsonb_build_object('lost', true, 'missing', '[]'::jsonb, 'known', 0);
  end if;
  -- A hint about a series is one about each of its occurrences that did not come.
  insert into private.import_staging (run_id, event_id, removed)
  select p_run, e.external_event_id, true
  from private.import_staging s
  join public.external_events e
    on e.organisation_id = c.organisation_id and e.external_calendar_id = c.calendar_id and e.integration_id = c.integration_id
    and e.series_id = s.event_id and e.status <> 'cancelled' and e.detached_at is null
  where s.run_id = p_run and s.removed
  on conflict (run_id, event_id) do nothing;
  -- Hints about what we never knew need no check.
  delete from private.import_staging s
  where s.run_id = p_run and s.removed
    and not exists (
      select 1 from public.external_events e
      where e.organisation_id = c.organisation_id and e.external_calendar_id = c.calendar_id
        and e.external_event_id = s.event_id and e.status <> 'cancelled'
    )
    and not exists (select 1 from private.live_links(c) l where l.event_id = s.event_id);
  return jsonb_build_object(
    'lost', false,
    'missing', (
      select coalesce(jsonb_agg(jsonb_build_object('eventId', m.event_id, 'ours', m.ours) order by m.event_id), '[]'::jsonb)
      from private.missing_events(c) m
    ),
    'known', (
      select count(*) from public.external_events e
      where e.integration_id = c.integration_id and e.external_calendar_id = c.calendar_id and e.status <> 'cancelled'
        and tstzrange(e.start_at, e.end_at) && tstzrange(c.run_from, c.run_to)
    )
  );
end
$$;
comment on function public.import_missing(uuid, uuid) is 'Service only: what a reading did not bring although it should have.';

create function private.staged_content(s private.import_staging) returns jsonb
language sql stable set search_path = ''
as $$
  select case when s.has_content then jsonb_build_object(
    'title', coalesce(s.title, ''), 'description', coalesce(s.description, ''), 'location', coalesce(s.location, ''),
    'availability', s.availability, 'visibility', s.visibility,
    'time', case
      when s.all_day then jsonb_build_object('kind', 'all_day', 'startDay', s.start_day, 'endDay', s.end_day)
      else jsonb_build_object(
        'kind', 'timed',
        'startsAt', to_char(s.start_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
        'endsAt', to_char(s.end_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
        'timeZone', s.time_zone
      )
    end
  ) end;
$$;
comment on function private.staged_content(private.import_staging) is 'The content of a staged event in the shape of the provider port.';

create function public.import_ours(p_worker uuid, p_run uuid) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  c private.calendar_cursors := private.leased_cursor(p_worker, p_run);
  v_since timestamptz := (select r.started_at from public.sync_runs r where r.id = p_run);
begin
  if c.run_id is null then
    return jsonb_build_object('lost', true, 'ours', '[]'::jsonb);
  end if;
  return jsonb_build_object('lost', false, 'ours', (
    select coalesce(jsonb_agg(jsonb_build_object(
      'eventId', s.event_id, 'etag', s.etag, 'status', s.status, 'content', private.staged_content(s), 'marker', s.marker,
      'rdvId', l.rdv_id, 'epoch', l.epoch,
      'link', jsonb_build_object('presence', l.presence, 'pushed', l.pushed, 'base', l.base, 'etag', l.etag, 'epoch', l.epoch),
      'rdvUpdatedAt', r.updated_at,
      'rdv', jsonb_build_object(
        'status', r.status, 'source', r.source, 'startsAt', r.starts_at, 'endsAt', r.ends_at, 'location', r.location,
        'deleted', r.id is null
      ),
      -- Written by us since the reading began: what was read may be older than that, and is to be read again.
      'dirty', coalesce(l.synced_at >= v_since, false) or exists (
        select 1 from private.sync_outbox o
        where o.integration_id = c.integration_id and o.rdv_id = l.rdv_id and o.parked_at is null
      )
    ) order by s.event_id), '[]'::jsonb)
    from private.import_staging s
    join private.live_links(c) l on l.event_id = s.event_id
    left join public.rdv r on r.id = l.rdv_id
    where s.run_id = p_run and not s.removed and s.unreadable is null
      -- Our own write may carry the version while it left somebody's change standing beside it.
      and (s.status = 'cancelled' or s.etag is distinct from l.etag or private.staged_content(s) is distinct from l.base)
  ));
end
$$;
comment on function public.import_ours(uuid, uuid) is 'Service only: the events of ours that came back with another version than the one we know.';

create function private.end_import(
  c private.calendar_cursors, p_error text, p_cursor text, p_next timestamptz, p_result jsonb default null
) returns void
language plpgsql security definer set search_path = ''
as $$
declare
  v_preview boolean := exists (select 1 from public.sync_runs r where r.id = c.run_id and r.mode = 'preview');
begin
  delete from private.import_staging s where s.run_id = c.run_id;
  update public.sync_runs r set finished_at = private.clock(), error = p_error where r.id = c.run_id;
  -- A look is no reading, and a failed one neither: what was told is still to be read.
  if not v_preview and (p_error is null or p_error = 'MASS_CHANGE') then
    delete from private.calendar_notices n
    where n.integration_id = c.integration_id and n.calendar_id = c.calendar_id and n.id <= c.run_notice;
  end if;
  update private.calendar_cursors x set
    sync_token = coalesce(p_cursor, x.sync_token),
    covers_events = case when p_cursor is not null then c.run_events else x.covers_events end,
    window_from = case when p_cursor is not null then c.run_from else x.window_from end,
    window_to = case when p_cursor is not null then c.run_to else x.window_to end,
    read_to = case when p_cursor is not null then c.run_read_to else x.read_to end,
    next_poll_at = p_next, failures = case when p_error is null then 0 else x.failures end, last_error = p_error,
    run_id = null, run_cursor = null, page_token = null, lease_owner = null, lease_until = null
  where x.integration_id = c.integration_id and x.calendar_id = c.calendar_id;
  if p_error is distinct from 'CURSOR_EXPIRED' then
    -- Whoever waits at this very worker is told by it.
    delete from private.import_requests q where q.run_id = c.run_id and q.asker = c.lease_owner;
    update private.import_requests q set
      result = coalesce(p_result, jsonb_build_object('error', coalesce(p_error, 'IMPORT_FAILED'))), answered_at = private.clock()
    where q.run_id = c.run_id and q.result is null;
  end if;
end
$$;
comment on function private.end_import(private.calendar_cursors, text, text, timestamptz, jsonb) is 'Closes a run: journal, staging, notices, cursor, lease, and the answer to the person who asked for it.';

create function private.fail_import(c private.calendar_cursors, p_code text, p_retry_seconds integer) returns void
language plpgsql security definer set search_path = ''
as $$
begin
  perform private.end_import(c, p_code, null, private.clock() + private.jittered(make_interval(
    secs => greatest(coalesce(p_retry_seconds, 0), least(30 * 2 ^ least(c.failures, 10), 3600)::integer))));
  update private.calendar_cursors x set failures = x.failures + 1
  where x.integration_id = c.integration_id and x.calendar_id = c.calendar_id;
end
$$;
comment on function private.fail_import(private.calendar_cursors, text, integer) is 'Ends a run as failed: nothing of it is applied, its code shows in the status, and the pause grows with every failure in a row.';

create function private.decide_foreign(c private.calendar_cursors, p_import boolean) returns void
language sql security definer set search_path = ''
as $$
  update private.import_staging s set action = p.action, reason = p.reason, known_id = p.known_id
  from (
    select t.event_id, e.id as known_id, coalesce(v.action, 'none') as action, v.reason
    from private.import_staging t
    left join public.appointment_external_links l
      on l.organisation_id = c.organisation_id and l.external_calendar_id = c.calendar_id and l.external_event_id = t.event_id
    -- Looked up one by one: with old statistics the planner would compare every pair.
    left join lateral (
      select x.* from public.external_events x
      where x.organisation_id = c.organisation_id and x.external_calendar_id = c.calendar_id and x.external_event_id = t.event_id
      offset 0
    ) e on true
    left join public.calendar_integrations o on o.id = e.integration_id and o.id <> c.integration_id
    -- Somebody made our event a series: its occurrences carry new ids, and are still the appointment.
    cross join lateral (
      select t.series_id is not null and exists (
        select 1 from public.appointment_external_links k
        where k.integration_id = c.integration_id and k.external_calendar_id = c.calendar_id and k.external_event_id = t.series_id
      ) as ours_repeats,
      -- Where ids are the provider's, an event of ours can come back before its link knows its id: the mark tells.
      t.marker is not null and exists (
        select 1 from public.appointment_external_links k
        join private.link_states z on z.link_id = k.id
        where k.integration_id = c.integration_id and z.presence = 'reserved' and k.epoch = (t.marker ->> 'epoch')::integer
          and k.rdv_id = case when t.marker ->> 'appointmentId' ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then (t.marker ->> 'appointmentId')::uuid end
          and t.marker ->> 'integrationId' = c.integration_id::text
      ) as ours_comes,
      -- Read before it was taken away, and decided after: our events move to another calendar while this one is read.
      t.marker is not null and exists (
        select 1 from public.appointment_external_links k
        where k.integration_id = c.integration_id and k.external_event_id <> t.event_id and k.epoch > (t.marker ->> 'epoch')::integer
          and k.rdv_id = case when t.marker ->> 'appointmentId' ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then (t.marker ->> 'appointmentId')::uuid end
          and t.marker ->> 'integrationId' = c.integration_id::text
          and (k.last_synced_at >= (select r.started_at from public.sync_runs r where r.id = c.run_id) or exists (
            select 1 from private.sync_outbox o where o.integration_id = k.integration_id and o.rdv_id = k.rdv_id and o.parked_at is null
          ))
      ) as ours_leaves
    ) x
    cross join lateral (
      select t.status = 'cancelled' or t.kind in ('working_location', 'birthday', 'task') or t.own_response = 'declined' as gone,
        case
          when t.status = 'cancelled' then 'cancelled'
          when t.own_response = 'declined' then 'declined'
          else 'not_an_appointment'
        end as why
    ) g
    cross join lateral (
      select
        case
          when t.unreadable is not null then 'fail'
          when l.integration_id = c.integration_id then 'own'
          when l.id is not null or not p_import or t.removed then 'none'
          when x.ours_repeats or x.ours_comes or x.ours_leaves then 'none'
          when o.id is not null and o.disconnected_at is null and o.import_enabled then 'none'
          when g.gone and e.status <> 'cancelled' and e.detached_at is null then 'cancel'
          when g.gone then 'none'
          when not t.has_content then 'none'
          when t.start_at is null or t.end_at is null or t.end_at < t.start_at then 'fail'
          when e.id is null and (t.start_at >= c.run_to or t.end_at < c.run_from) then 'none'
          when e.id is null then 'create'
          when e.status = 'cancelled' then 'update'
          when e.etag = t.etag and e.start_at = t.start_at and e.end_at = t.end_at then 'skip'
          else 'update'
        end as action,
        case
          when t.unreadable is not null then 'INVALID_EVENT'
          when l.integration_id <> c.integration_id or x.ours_repeats or x.ours_comes or x.ours_leaves then 'exported'
          when o.id is not null and o.disconnected_at is null and o.import_enabled then 'colleague'
          when g.gone then g.why
          when t.start_at is null or t.end_at is null or t.end_at < t.start_at then 'INVALID_EVENT'
          when t.start_at >= c.run_to or t.end_at < c.run_from then 'outside_window'
          when e.etag = t.etag then 'unchanged'
        end as reason
    ) v
    where t.run_id = c.run_id and t.event_id <> ''
  ) p
  where s.run_id = c.run_id and s.event_id = p.event_id;
$$;
comment on function private.decide_foreign(private.calendar_cursors, boolean) is 'For each staged event: own (of this connection), create, update, cancel, skip (unchanged), none (not for us), fail.';

create function private.apply_verdicts(c private.calendar_cursors, i public.calendar_integrations, p_verdicts jsonb) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_now timestamptz := private.clock();
  v_ready uuid[];
  v_done jsonb;
  v_flapping uuid[];
  v_freed uuid[];
begin
  -- Appointments first, without waiting; a change of ours that is on its way, or a link that moved on, makes the event come again.
  with wanted as (
    select (v ->> 'rdvId')::uuid as rdv_id, v from jsonb_array_elements(p_verdicts) v where v ->> 'kind' <> 'wait'
  ), locked as (
    select r.id, r.updated_at from public.rdv r where r.id in (select w.rdv_id from wanted w) order by r.id for update skip locked
  )
  select coalesce(array_agg(w.rdv_id), '{}') into v_ready
  from wanted w
  left join locked k on k.id = w.rdv_id
  join private.live_links(c) l on l.rdv_id = w.rdv_id and l.event_id = w.v ->> 'eventId'
    and l.etag is not distinct from w.v ->> 'linkEtag' and l.epoch = (w.v ->> 'epoch')::integer
  where (k.id is not null or not exists (select 1 from public.rdv r where r.id = w.rdv_id))
    and (w.v ->> 'kind' = 'echo' or k.updated_at is not distinct from (w.v ->> 'rdvUpdatedAt')::timestamptz)
    -- Gone on both sides is gone, whatever is on its way: should the appointment come back, so will its event, as a new one.
    and (w.v ->> 'kind' = 'echo' and w.v ->> 'presence' = 'gone' or not exists (
      select 1 from private.sync_outbox o where o.integration_id = c.integration_id and o.rdv_id = w.rdv_id and o.parked_at is null
    ));
  select coalesce(jsonb_agg(v order by v ->> 'rdvId'), '[]'::jsonb) into v_done
  from jsonb_array_elements(p_verdicts) v where (v ->> 'rdvId')::uuid = any (v_ready) and v ->> 'kind' <> 'wait';
  delete from private.import_revisits x
  where x.integration_id = c.integration_id and x.calendar_id = c.calendar_id
    and x.event_id in (select v ->> 'eventId' from jsonb_array_elements(v_done) v);
  insert into private.import_revisits (integration_id, calendar_id, event_id, since)
  select c.integration_id, c.calendar_id, v ->> 'eventId', v_now
  from jsonb_array_elements(p_verdicts) v
  where (v ->> 'kind' <> 'echo' or v ->> 'presence' = 'gone') and not ((v ->> 'rdvId')::uuid = any (v_ready) and v ->> 'kind' <> 'wait')
  on conflict do nothing;

  -- Two programs that undo each other's changes would go on for ever.
  select coalesce(array_agg(l.rdv_id), '{}') into v_flapping
  from private.live_links(c) l
  join private.link_states s on s.link_id = l.link_id
  join jsonb_array_elements(v_done) v on (v ->> 'rdvId')::uuid = l.rdv_id
  where v ->> 'kind' = 'apply' and s.applied_count >= 10 and s.applied_since > v_now - interval '10 minutes';
  select coalesce(jsonb_agg(case
    when (v ->> 'rdvId')::uuid = any (v_flapping) then v || jsonb_build_object('kind', 'conflict', 'reason', 'changed_both_sides',
      'payload', jsonb_build_object('calendarId', c.calendar_id, 'eventId', v ->> 'eventId', 'etag', v ->> 'etag', 'rdvUpdatedAt', v ->> 'rdvUpdatedAt',
        'cassius', v -> 'pushed', 'calendar', v -> 'base', 'base', null, 'fields', '["time"]'::jsonb, 'changedBy', 'both', 'flapping', true))
    else v end), '[]'::jsonb) into v_done
  from jsonb_array_elements(v_done) v;

  -- Nobody who is asked is overtaken: until the answer comes, or the difference in question is gone, both sides keep theirs.
  select coalesce(jsonb_agg(case
    when k.id is null or not exists (
      select 1 from jsonb_array_elements_text(k.payload -> 'fields') f (name)
      where v -> 'base' -> f.name is distinct from k.payload -> 'cassius' -> f.name
        and v -> 'base' -> f.name is distinct from k.payload -> 'base' -> f.name
    ) then v
    else v || jsonb_build_object('kind', 'conflict', 'reason', k.reason, 'presence', null, 'payload',
      k.payload || jsonb_build_object('etag', v ->> 'etag', 'calendar', v -> 'base', 'rdvUpdatedAt', v ->> 'rdvUpdatedAt'))
    end), '[]'::jsonb) into v_done
  from jsonb_array_elements(v_done) v
  left join public.sync_conflicts k on k.integration_id = c.integration_id and k.internal_id = (v ->> 'rdvId')::uuid
    and k.status = 'open' and k.reason = 'changed_both_sides' and k.entity_type = 'appointment'
    and v ->> 'kind' in ('echo', 'accept', 'apply') and v ->> 'presence' = 'live';

  update public.rdv r set
    starts_at = (v ->> 'startsAt')::timestamptz, ends_at = (v ->> 'endsAt')::timestamptz,
    location = case when v ? 'location' then nullif(v ->> 'location', '') else r.location end
  from jsonb_array_elements(v_done) v
  where r.id = (v ->> 'rdvId')::uuid and v ->> 'kind' = 'apply';
  update public.rdv r set status = 'cancelled'
  from jsonb_array_elements(v_done) v
  where r.id = (v ->> 'rdvId')::uuid and v ->> 'kind' = 'cancel' and r.status in ('scheduled', 'confirmed');

  -- What the question held back here goes out now.
  select coalesce(array_agg(k.internal_id), '{}') into v_freed
  from jsonb_array_elements(v_done) v
  join public.sync_conflicts k on k.integration_id = c.integration_id and k.internal_id = (v ->> 'rdvId')::uuid
  where k.status = 'open' and k.reason = 'changed_both_sides' and v ->> 'kind' in ('echo', 'accept', 'apply');
  perform private.push_again(c.integration_id, v_freed, false);

  update public.appointment_external_links l set
    etag = case v ->> 'presence' when 'live' then v ->> 'etag' when 'gone' then null else l.etag end,
    last_synced_at = case when v ->> 'kind' in ('accept', 'apply', 'cancel') then v_now else l.last_synced_at end,
    sync_status = case when v ->> 'presence' = 'gone' then 'none' when v ->> 'kind' = 'conflict' then 'error' else l.sync_status end,
    last_error = case when v ->> 'kind' = 'conflict' then jsonb_build_object('code', upper(v ->> 'reason'), 'message', null) else l.last_error end,
    drifted_at = case when v ->> 'kind' = 'drift' then coalesce(l.drifted_at, v_now) when v ->> 'kind' in ('echo', 'accept', 'apply', 'cancel') then null else l.drifted_at end,
    updated_at = now()
  from jsonb_array_elements(v_done) v
  where l.integration_id = c.integration_id and l.rdv_id = (v ->> 'rdvId')::uuid;
  update private.link_states s set
    presence = case
      when v ->> 'presence' = 'gone' then 'gone'
      when v ->> 'kind' = 'conflict' and v ->> 'reason' = 'deleted' then 'detached'
      else s.presence
    end,
    pushed = case when v ->> 'presence' is not null then nullif(v -> 'pushed', 'null') else s.pushed end,
    base = case when v ->> 'presence' is not null then nullif(v -> 'base', 'null') else s.base end,
    fingerprint = case when v ->> 'presence' is not null then v ->> 'fingerprint' else s.fingerprint end,
    applied_count = case
      when v ->> 'kind' <> 'apply' then s.applied_count
      when s.applied_since > v_now - interval '10 minutes' then s.applied_count + 1
      else 1
    end,
    applied_since = case
      when v ->> 'kind' = 'apply' and (s.applied_since is null or s.applied_since <= v_now - interval '10 minutes') then v_now
      else s.applied_since
    end,
    updated_at = now()
  from jsonb_array_elements(v_done) v
  join public.appointment_external_links l on l.integration_id = c.integration_id and l.rdv_id = (v ->> 'rdvId')::uuid
  where s.link_id = l.id;
  insert into public.sync_conflicts (organisation_id, user_id, integration_id, source, entity_type, external_id, internal_id, reason, payload)
  select c.organisation_id, i.user_id, c.integration_id, c.provider, 'appointment', v ->> 'eventId', (v ->> 'rdvId')::uuid, v ->> 'reason', v -> 'payload'
  from jsonb_array_elements(v_done) v
  where v ->> 'kind' = 'conflict'
  on conflict (integration_id, internal_id, reason) where status = 'open' and internal_id is not null and reason <> 'time_overlap'
  do update set payload = excluded.payload, external_id = excluded.external_id
    where sync_conflicts.payload is distinct from excluded.payload;
  -- The question about a difference is answered when there is none any more.
  update public.sync_conflicts k set status = 'resolved', resolution = 'vanished', resolved_at = v_now
  from jsonb_array_elements(v_done) v
  where k.integration_id = c.integration_id and k.internal_id = (v ->> 'rdvId')::uuid and k.status = 'open'
    and k.reason = 'changed_both_sides' and v ->> 'kind' in ('echo', 'accept', 'apply', 'cancel');
  return v_done;
end
$$;
comment on function private.apply_verdicts(private.calendar_cursors, public.calendar_integrations, jsonb) is 'Carries out what the engine decided about events of ours, as far as nothing moved since; the rest comes again. Returns what was done.';

create function private.apply_foreign(
  c private.calendar_cursors, i public.calendar_integrations, p_known_changed boolean, p_as_rdv boolean, p_practitioner uuid
) returns void
language plpgsql security definer set search_path = ''
as $$
declare
  v_now timestamptz := private.clock();
  v_untouched uuid[];
begin
  if p_known_changed then
    -- An appointment that somebody edited here no longer follows its event silently.
    select coalesce(array_agg(r.id), '{}') into v_untouched
    from private.import_staging s
    join public.external_events e on e.id = s.known_id
    join public.rdv r on r.id = e.cassius_appointment_id
    where s.run_id = c.run_id and s.action = 'update' and r.starts_at = e.start_at and r.ends_at = e.end_at
      -- Of a cancelled event no text is kept that could be compared.
      and (e.status = 'cancelled'
        or coalesce(r.location, '') = coalesce(e.location, '') and r.type = private.imported_type(e.summary));
    insert into public.sync_conflicts (organisation_id, user_id, integration_id, source, entity_type, external_id, internal_id, reason, payload)
    select c.organisation_id, i.user_id, c.integration_id, c.provider, 'event', s.event_id, r.id, 'changed_both_sides',
      jsonb_build_object(
        'calendarId', c.calendar_id, 'eventId', s.event_id, 'etag', s.etag, 'rdvUpdatedAt', r.updated_at, 'changedBy', 'both',
        'fields', jsonb_build_array('time'),
        'cassius', jsonb_build_object('title', r.type, 'location', coalesce(r.location, ''), 'time', jsonb_build_object(
          'kind', 'timed', 'startsAt', r.starts_at, 'endsAt', r.ends_at, 'timeZone', e.time_zone)),
        'calendar', private.staged_content(s), 'base', jsonb_build_object('title', e.summary, 'location', coalesce(e.location, ''),
          'time', jsonb_build_object('kind', 'timed', 'startsAt', e.start_at, 'endsAt', e.end_at, 'timeZone', e.time_zone))
      )
    from private.import_staging s
    join public.external_events e on e.id = s.known_id
    join public.rdv r on r.id = e.cassius_appointment_id
    where s.run_id = c.run_id and s.action = 'update' and not r.id = any (v_untouched) and s.visibility <> 'private'
      and (s.start_at, s.end_at, coalesce(s.location, '')) is distinct from (r.starts_at, r.ends_at, coalesce(r.location, ''))
    on conflict (integration_id, internal_id, reason) where status = 'open' and internal_id is not null and reason <> 'time_overlap'
    do update set payload = excluded.payload
      where sync_conflicts.payload is distinct from excluded.payload;
  end if;

  insert into public.external_events as e (
    organisation_id, integration_id, user_id, provider, external_calendar_id, external_event_id, etag, status, kind, summary, description,
    location, start_at, end_at, all_day, start_day, end_day, time_zone, attendees, html_link, own_response, visibility, availability,
    series_id, updated_at_provider, last_synced_at
  )
  select c.organisation_id, c.integration_id, i.user_id, c.provider, c.calendar_id, s.event_id, s.etag, s.status, s.kind,
    case when s.visibility <> 'private' then s.title end, case when s.visibility <> 'private' then nullif(s.description, '') end,
    case when s.visibility <> 'private' then nullif(s.location, '') end, s.start_at, s.end_at, s.all_day, s.start_day, s.end_day, s.time_zone,
    case when s.visibility <> 'private' then s.attendees else '[]'::jsonb end, s.url, s.own_response, s.visibility, s.availability,
    s.series_id, s.updated_at, v_now
  from private.import_staging s
  where s.run_id = c.run_id and s.action in ('create', 'update')
  on conflict (organisation_id, external_calendar_id, external_event_id) do update set
    integration_id = excluded.integration_id, user_id = excluded.user_id, etag = excluded.etag, status = excluded.status, kind = excluded.kind,
    summary = excluded.summary, description = excluded.description, location = excluded.location, start_at = excluded.start_at,
    end_at = excluded.end_at, all_day = excluded.all_day, start_day = excluded.start_day, end_day = excluded.end_day,
    time_zone = excluded.time_zone, attendees = excluded.attendees, html_link = excluded.html_link, own_response = excluded.own_response,
    visibility = excluded.visibility, availability = excluded.availability, series_id = excluded.series_id,
    updated_at_provider = excluded.updated_at_provider, last_synced_at = excluded.last_synced_at, detached_at = null, updated_at = now();
  if p_known_changed then
    update public.external_events e set
      status = 'cancelled', etag = coalesce(nullif(s.etag, ''), e.etag), own_response = coalesce(s.own_response, e.own_response),
      last_synced_at = v_now, updated_at = now()
    from private.import_staging s
    where s.run_id = c.run_id and s.action = 'cancel' and e.id = s.known_id;

    update public.rdv r set starts_at = e.start_at, ends_at = e.end_at, location = e.location, type = private.imported_type(e.summary)
    from private.import_staging s
    join public.external_events e on e.id = s.known_id
    where s.run_id = c.run_id and s.action = 'update' and r.id = e.cassius_appointment_id and r.id = any (v_untouched) and not e.all_day;
    update public.rdv r set status = case when e.status = 'cancelled' then 'cancelled' else 'scheduled' end
    from private.import_staging s
    join public.external_events e on e.id = s.known_id
    where s.run_id = c.run_id and s.action in ('update', 'cancel') and r.id = e.cassius_appointment_id
      and (e.status = 'cancelled' and r.status in ('scheduled', 'confirmed') or e.status <> 'cancelled' and r.status = 'cancelled' and r.id = any (v_untouched));
  end if;
  if p_as_rdv then
    -- The appointment takes the id of its event's row: one event can never become two appointments.
    insert into public.rdv (id, organisation_id, practitioner_id, type, notes, location, starts_at, ends_at, status, source)
    select e.id, e.organisation_id, p_practitioner, private.imported_type(e.summary), e.description, e.location, e.start_at, e.end_at, 'scheduled', e.provider
    from public.external_events e
    where e.integration_id = c.integration_id and e.external_calendar_id = c.calendar_id and e.status <> 'cancelled' and not e.all_day
      and e.became_rdv_at is null and e.detached_at is null and e.end_at > e.start_at
      and tstzrange(e.start_at, e.end_at) && tstzrange(c.run_from, c.run_to)
    on conflict (id) do nothing;
    update public.external_events e set became_rdv_at = v_now, cassius_appointment_id = e.id, updated_at = now()
    where e.integration_id = c.integration_id and e.external_calendar_id = c.calendar_id and e.status <> 'cancelled' and not e.all_day
      and e.became_rdv_at is null and e.detached_at is null and e.end_at > e.start_at
      and tstzrange(e.start_at, e.end_at) && tstzrange(c.run_from, c.run_to);
  end if;
end
$$;
comment on function private.apply_foreign(private.calendar_cursors, public.calendar_integrations, boolean, boolean, uuid) is 'Writes what was decided about events of others, and the appointments that are made of them. p_known_changed: some were known before.';

create type private.staged_counts as (created integer, updated integer, cancelled integer, failed integer, own integer, passed integer, exported integer);
comment on type private.staged_counts is 'How many staged events came to which decision; passed: on purpose not taken over, exported of them: ours.';

create function private.count_staged(p_run uuid) returns private.staged_counts
language sql stable security definer set search_path = ''
as $$
  select (
    count(*) filter (where s.action = 'create'), count(*) filter (where s.action = 'update'), count(*) filter (where s.action = 'cancel'),
    count(*) filter (where s.action = 'fail'), count(*) filter (where s.action = 'own'),
    count(*) filter (where s.action = 'none' and s.reason in ('declined', 'not_an_appointment', 'exported', 'colleague', 'kept')),
    count(*) filter (where s.action = 'none' and s.reason = 'exported')
  )::private.staged_counts
  from private.import_staging s where s.run_id = p_run;
$$;
comment on function private.count_staged(uuid) is 'Counts what was decided, in one pass; what nothing was decided for is not looked at again.';

create function private.imported_type(p_summary text) returns text
language sql immutable set search_path = ''
as $$
  select left(coalesce(nullif(btrim(p_summary), ''), 'Occupé'), 200);
$$;
comment on function private.imported_type(text) is 'What an appointment made of an event is called; a private event has no title here.';

create function public.import_finish(p_worker uuid, p_run uuid, p_cursor text, p_verdicts jsonb, p_options jsonb) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  c private.calendar_cursors := private.leased_cursor(p_worker, p_run);
  i public.calendar_integrations;
  v_now timestamptz := private.clock();
  v_next timestamptz := private.clock() + private.jittered(private.import_interval());
  v_preview boolean;
  v_trigger text;
  v_import boolean;
  v_practitioner uuid;
  v_staged boolean;
  v_verdicts jsonb := coalesce(p_verdicts, '[]'::jsonb);
  v_unchecked integer := coalesce((p_options ->> 'unchecked')::integer, 0);
  v_limit integer := 0;
  v_wanted text;
  v_result jsonb;
  v_fingerprint text;
  v_known integer;
  v_mass integer := 0;
  v_held boolean := false;
  v_summary jsonb;
  v_overlaps jsonb := '[]'::jsonb;
  v_questions integer := 0;
  v_asked uuid[] := '{}';
  v_items jsonb := '[]'::jsonb;
  v_failures jsonb := '[]'::jsonb;
  v_conflicts jsonb := '[]'::jsonb;
  n private.staged_counts;
  v_sample jsonb;
  v_nothing constant jsonb := jsonb_build_object('lost', false, 'mismatch', false, 'held', false, 'fingerprint', '',
      'summary', '{"created":0,"updated":0,"skipped":0,"cancelled":0,"failed":0,"conflicts":0}'::jsonb,
      'failures', '[]'::jsonb, 'conflicts', '[]'::jsonb, 'items', '[]'::jsonb);
begin
  if c.run_id is null then
    return v_nothing || jsonb_build_object('lost', true);
  end if;
  select * into i from public.calendar_integrations x where x.id = c.integration_id;
  select r.mode = 'preview', r.trigger into v_preview, v_trigger from public.sync_runs r where r.id = p_run;
  select q.items_limit, q.fingerprint into v_limit, v_wanted from private.import_requests q where q.run_id = p_run;
  v_import := v_trigger = 'manual' or coalesce(private.follows(i, c.calendar_id), 'source') = 'source';
  if i.disconnected_at is not null or (v_trigger <> 'manual' and private.follows(i, c.calendar_id) is null) then
    perform private.end_import(c, 'NOT_CONNECTED', null, v_next);
    -- Nobody asked for this run by hand, and it did nothing: the last one that did something stays the last.
    delete from public.sync_runs r where r.id = p_run and r.trigger <> 'manual';
    return v_nothing || jsonb_build_object('lost', true);
  end if;
  select m.id into v_practitioner from public.organisation_members m
  where m.organisation_id = c.organisation_id and m.user_id = i.user_id;
  if not exists (select 1 from private.import_staging s where s.run_id = p_run and s.event_id = '') then
    -- A crash of the server emptied the staging: what is missing there says nothing.
    perform private.end_import(c, 'IMPORT_FAILED', null, v_now);
    return v_nothing || jsonb_build_object('lost', true);
  end if;
  v_staged := exists (select 1 from private.import_staging s where s.run_id = p_run and s.event_id <> '');

  if v_staged then
    perform private.decide_foreign(c, v_import);
    if not v_preview then
      perform private.forget_private_events(c);
    end if;
  end if;
  select * into n from private.count_staged(p_run);
  -- Known in the window: what a run may leave unchanged, and what a mass change is measured against.
  select
    (select count(*) from public.external_events e
      where e.integration_id = c.integration_id and e.external_calendar_id = c.calendar_id and e.status <> 'cancelled'
        and tstzrange(e.start_at, e.end_at) && tstzrange(c.run_from, c.run_to))
    + (select count(*) from private.live_links(c) l join public.rdv r on r.id = l.rdv_id
      where r.starts_at < c.run_to and coalesce(r.ends_at, r.starts_at) >= c.run_from)
  into v_known;
  select md5(coalesce(string_agg(d.line, ',' order by d.line), '') || v_unchecked) into v_fingerprint
  from (
    select s.event_id || ':' || s.action || ':' || coalesce(s.etag, '') as line
    from private.import_staging s where s.run_id = p_run and s.action in ('create', 'update', 'cancel', 'fail')
    union all
    select (v ->> 'eventId') || ':' || (v ->> 'kind') || ':' || coalesce(v ->> 'etag', '')
    from jsonb_array_elements(v_verdicts) v where v ->> 'kind' not in ('echo', 'wait')
  ) d;
  if not v_preview and v_wanted <> v_fingerprint then
    v_result := v_nothing || jsonb_build_object('mismatch', true, 'fingerprint', v_fingerprint);
    perform private.end_import(c, 'PREVIEW_OUTDATED', null, c.next_poll_at, v_result);
    return v_result;
  end if;

  select count(*) into v_mass from jsonb_array_elements(v_verdicts) v where v ->> 'kind' in ('cancel', 'apply', 'conflict', 'drift');
  if n.updated + n.cancelled > 0 then
    v_mass := v_mass + (
      select count(distinct coalesce(s.series_id, s.event_id))
      from private.import_staging s
      left join public.external_events e on e.id = s.known_id
      where s.run_id = p_run and (s.action = 'cancel' or (s.action = 'update' and (e.start_at, e.end_at) is distinct from (s.start_at, s.end_at)))
    );
  end if;
  if v_unchecked > 0 or v_mass > greatest(10, v_known * 0.3) then
    if c.decided_mass is distinct from v_fingerprint then
      v_held := true;
    elsif c.decided_action <> 'keep_calendar' then
      -- A person wants none of it: new things come in, what would go or move stays as it is here.
      update public.external_events e set detached_at = case when s.action = 'cancel' then v_now end, etag = s.etag
      from private.import_staging s where s.run_id = p_run and e.id = s.known_id and s.action in ('cancel', 'update');
      update private.import_staging s set action = 'none', reason = 'kept' where s.run_id = p_run and s.action in ('cancel', 'update');
      perform private.keep_ours(c, v_verdicts, c.decided_action);
      v_verdicts := '[]'::jsonb;
    elsif v_unchecked > 0 then
      insert into private.import_staging (run_id, event_id, status, action, reason, known_id)
      select p_run, m.event_id, 'cancelled', case when e.id is not null then 'cancel' else 'own' end, 'cancelled', e.id
      from private.missing_events(c) m
      left join public.external_events e
        on e.integration_id = c.integration_id and e.external_calendar_id = c.calendar_id and e.external_event_id = m.event_id
      on conflict (run_id, event_id) do update set action = excluded.action, reason = excluded.reason, status = 'cancelled', known_id = excluded.known_id, removed = false;
    end if;
    select * into n from private.count_staged(p_run);
  end if;

  if not v_held then
    if v_import then
      v_overlaps := private.overlap_questions(c, i, v_practitioner);
      v_questions := case when jsonb_array_length(v_overlaps) > 50 then 1 else jsonb_array_length(v_overlaps) end;
    end if;
    if not v_preview and jsonb_array_length(v_verdicts) > 0 then
      v_verdicts := private.apply_verdicts(c, i, v_verdicts);
    end if;
  end if;

  if v_held then
    select coalesce(jsonb_agg(q.one), '[]'::jsonb) into v_sample
    from (
      select jsonb_build_object('eventId', e.external_event_id, 'summary', e.summary, 'start', e.start_at, 'end', e.end_at, 'action', s.action) as one
      from private.import_staging s join public.external_events e on e.id = s.known_id
      where s.run_id = p_run and s.action in ('cancel', 'update') order by e.start_at limit 10
    ) q;
    v_summary := '{"created":0,"updated":0,"skipped":0,"cancelled":0,"failed":0,"conflicts":1}'::jsonb || jsonb_build_object('skipped', v_known);
  else
    v_summary := jsonb_build_object(
      'created', n.created,
      'updated', n.updated + (select count(*) from jsonb_array_elements(v_verdicts) v where v ->> 'kind' = 'apply'),
      'cancelled', n.cancelled + (select count(*) from jsonb_array_elements(v_verdicts) v where v ->> 'kind' = 'cancel'),
      'failed', n.failed,
      'conflicts', v_questions + (select count(*) from jsonb_array_elements(v_verdicts) v where v ->> 'kind' = 'conflict'),
      'skipped', greatest(0, v_known - n.updated - n.cancelled + n.passed
        - (select count(*) from jsonb_array_elements(v_verdicts) v where v ->> 'kind' in ('apply', 'cancel', 'conflict')))
    );
  end if;
  if n.failed > 0 then
    select jsonb_agg(jsonb_build_object('eventId', s.event_id, 'code', s.reason)) into v_failures
    from private.import_staging s where s.run_id = p_run and s.action = 'fail';
  end if;

  if v_limit > 0 then
    select coalesce(jsonb_agg(q.item order by q.rank, q.start_at, q.event_id), '[]'::jsonb) into v_items
    from (
      select case s.action when 'skip' then 2 when 'none' then 2 else 1 end as rank, s.start_at, s.event_id, jsonb_build_object(
        'eventId', s.event_id, 'rdvId', null,
        'action', case when v_held and s.action in ('cancel', 'update', 'create') then 'hold' when s.action in ('none', 'own') then 'skip' else s.action end,
        'reason', s.reason, 'summary', case when s.visibility is distinct from 'private' then coalesce(s.title, e.summary) end,
        'start', coalesce(s.start_at, e.start_at), 'end', coalesce(s.end_at, e.end_at), 'allDay', coalesce(s.all_day, e.all_day, false)
      ) as item
      from private.import_staging s
      left join public.external_events e on e.id = s.known_id
      where s.run_id = p_run and s.event_id <> '' and s.action <> 'own'
        and (s.action <> 'none' or s.reason in ('declined', 'not_an_appointment', 'exported', 'colleague', 'kept'))
      union all
      select 1, (v ->> 'startsAt')::timestamptz, v ->> 'eventId', jsonb_build_object(
        'eventId', v ->> 'eventId', 'rdvId', v ->> 'rdvId',
        'action', case v ->> 'kind' when 'apply' then 'update' when 'cancel' then 'cancel' when 'conflict' then 'conflict' else 'skip' end,
        'reason', coalesce(v ->> 'reason', v ->> 'kind'), 'summary', null, 'start', v ->> 'startsAt', 'end', v ->> 'endsAt', 'allDay', false)
      from jsonb_array_elements(v_verdicts) v where v ->> 'kind' not in ('echo', 'wait')
      union all
      select 1, null, o ->> 'eventId', jsonb_build_object('eventId', o ->> 'eventId', 'rdvId', o ->> 'rdvId', 'action', 'conflict', 'reason', 'time_overlap',
        'summary', o ->> 'title', 'start', o ->> 'start', 'end', o ->> 'end', 'allDay', false)
      from jsonb_array_elements(v_overlaps) o
      order by 1, 2, 3 limit v_limit
    ) q;
  end if;

  if v_preview then
    if v_held then
      v_conflicts := jsonb_build_array(jsonb_build_object('id', null, 'reason', 'mass_change', 'externalId', null, 'rdvId', null));
    else
      select coalesce(jsonb_agg(x), '[]'::jsonb) into v_conflicts
      from (
        select jsonb_build_object('id', null, 'reason', 'time_overlap', 'externalId', o ->> 'eventId', 'rdvId', o ->> 'rdvId') as x
        from jsonb_array_elements(v_overlaps) o where v_questions = jsonb_array_length(v_overlaps)
        union all
        select jsonb_build_object('id', null, 'reason', 'time_overlap', 'externalId', null, 'rdvId', null)
        where v_questions < jsonb_array_length(v_overlaps)
        union all
        select jsonb_build_object('id', null, 'reason', v ->> 'reason', 'externalId', v ->> 'eventId', 'rdvId', v ->> 'rdvId')
        from jsonb_array_elements(v_verdicts) v where v ->> 'kind' = 'conflict'
      ) q;
    end if;
    v_next := c.next_poll_at;
  elsif v_held then
    update public.sync_conflicts k set status = 'resolved', resolution = 'vanished', resolved_at = v_now
    where k.integration_id = c.integration_id and k.reason = 'mass_change' and k.status = 'open'
      and k.payload ->> 'calendarId' = c.calendar_id and k.payload ->> 'fingerprint' <> v_fingerprint;
    insert into public.sync_conflicts (organisation_id, user_id, integration_id, source, entity_type, external_id, reason, payload)
    select c.organisation_id, i.user_id, c.integration_id, c.provider, 'event', null, 'mass_change', jsonb_build_object(
      'calendarId', c.calendar_id, 'fingerprint', v_fingerprint, 'known', v_known, 'unchecked', v_unchecked, 'sample', v_sample,
      'cancelled', v_unchecked + (select count(*) from private.import_staging s where s.run_id = p_run and s.action = 'cancel')
        + (select count(*) from jsonb_array_elements(v_verdicts) v where v ->> 'kind' in ('cancel', 'conflict', 'drift') and coalesce(v ->> 'reason', 'deleted') = 'deleted'),
      'moved', (select count(*) from private.import_staging s where s.run_id = p_run and s.action = 'update')
        + (select count(*) from jsonb_array_elements(v_verdicts) v where v ->> 'kind' = 'apply'))
    where not exists (
      select 1 from public.sync_conflicts k
      where k.integration_id = c.integration_id and k.reason = 'mass_change' and k.status = 'open' and k.payload ->> 'calendarId' = c.calendar_id
    );
    select jsonb_agg(jsonb_build_object('id', k.id, 'reason', k.reason, 'externalId', null, 'rdvId', null)) into v_conflicts
    from public.sync_conflicts k where k.integration_id = c.integration_id and k.reason = 'mass_change' and k.status = 'open';
  else
    if n.own > 0 then
      -- Taken for somebody else's before its link knew it.
      delete from public.external_events e using private.import_staging s
      where s.run_id = p_run and s.action = 'own' and e.organisation_id = c.organisation_id
        and e.external_calendar_id = c.calendar_id and e.external_event_id = s.event_id;
    end if;
    if n.created + n.updated + n.cancelled + n.failed > 0 or (i.import_as = 'rdv' and v_import) then
      insert into public.sync_run_items (organisation_id, run_id, external_event_id, external_calendar_id, action, reason)
      select c.organisation_id, p_run, s.event_id, c.calendar_id, s.action, s.reason
      from private.import_staging s where s.run_id = p_run and s.action in ('create', 'update', 'cancel', 'fail');
      perform private.apply_foreign(c, i, n.updated + n.cancelled > 0, i.import_as = 'rdv' and v_import, v_practitioner);
    end if;
    insert into public.sync_run_items (organisation_id, run_id, rdv_id, external_event_id, external_calendar_id, action, reason)
    select c.organisation_id, p_run, (v ->> 'rdvId')::uuid, v ->> 'eventId', c.calendar_id,
      case v ->> 'kind' when 'apply' then 'update' when 'cancel' then 'cancel' when 'conflict' then 'conflict' else 'skip' end,
      coalesce(v ->> 'reason', v ->> 'kind')
    from jsonb_array_elements(v_verdicts) v where v ->> 'kind' not in ('echo', 'wait');
    insert into public.sync_run_items (organisation_id, run_id, rdv_id, external_event_id, external_calendar_id, action, reason)
    select c.organisation_id, p_run, (o ->> 'rdvId')::uuid, o ->> 'eventId', c.calendar_id, 'conflict', 'time_overlap'
    from jsonb_array_elements(v_overlaps) o;
    if v_questions > 0 then
      v_asked := private.ask_overlaps(c, i, v_overlaps);
    end if;
    perform private.review_overlaps(c);
    update public.sync_conflicts k set status = 'resolved', resolution = 'vanished', resolved_at = v_now
    where k.integration_id = c.integration_id and k.reason = 'mass_change' and k.status = 'open' and k.payload ->> 'calendarId' = c.calendar_id;
    select coalesce(jsonb_agg(jsonb_build_object('id', k.id, 'reason', k.reason, 'externalId', k.external_id, 'rdvId', k.internal_id)), '[]'::jsonb) into v_conflicts
    from public.sync_conflicts k
    where k.integration_id = c.integration_id and k.status = 'open'
      and (k.id = any (v_asked) or (k.internal_id, k.reason) in (
        select (v ->> 'rdvId')::uuid, v ->> 'reason' from jsonb_array_elements(v_verdicts) v where v ->> 'kind' = 'conflict'
      ));
    -- Looked at again, and there was nothing to judge: our own write is what stands there, or the link is over.
    delete from private.import_revisits x
    using private.import_staging s
    where x.integration_id = c.integration_id and x.calendar_id = c.calendar_id
      and s.run_id = p_run and s.event_id = x.event_id and not s.removed
      and x.since < (select r.started_at from public.sync_runs r where r.id = p_run)
      and not exists (select 1 from jsonb_array_elements(p_verdicts) v where v ->> 'eventId' = x.event_id);
    if c.run_full and private.follows(i, c.calendar_id) is not null then
      -- Written while the reading went on: should somebody have removed it before it got there, nothing tells again.
      insert into private.import_revisits (integration_id, calendar_id, event_id, rdv_id, since)
      select c.integration_id, c.calendar_id, u.event_id, u.rdv_id, v_now from private.unread_links(c) u where u.fresh
      on conflict do nothing;
    end if;
    if n.exported > 0 then
      -- Taken for our own while its link was not sure: a person's copy looks the same until then, which may be by now.
      insert into private.import_revisits (integration_id, calendar_id, event_id, since)
      select c.integration_id, c.calendar_id, s.event_id, v_now
      from private.import_staging s
      join public.appointment_external_links l
        on l.integration_id = c.integration_id and l.rdv_id::text = s.marker ->> 'appointmentId' and l.external_event_id <> s.event_id
        and l.epoch >= (s.marker ->> 'epoch')::integer and s.series_id is distinct from l.external_event_id
      join private.link_states z on z.link_id = l.id
      where s.run_id = p_run and s.action = 'none' and s.reason = 'exported' and s.status <> 'cancelled'
        and s.marker ->> 'integrationId' = c.integration_id::text
        and (z.presence <> 'reserved' or exists (
          select 1 from private.sync_outbox o where o.integration_id = c.integration_id and o.rdv_id = l.rdv_id and o.parked_at is null
        ))
      on conflict do nothing;
    end if;
    if exists (select 1 from private.import_revisits x where x.integration_id = c.integration_id and x.calendar_id = c.calendar_id) then
      -- While our own change waits for something itself, looking often would only cost.
      v_next := least(v_next, v_now + case when exists (
        select 1 from private.import_revisits x
        join private.live_links(c) l on l.event_id = x.event_id
        join private.sync_outbox o on o.integration_id = c.integration_id and o.rdv_id = l.rdv_id and o.parked_at is null
        where x.integration_id = c.integration_id and x.calendar_id = c.calendar_id and x.since < v_now - interval '20 seconds'
      ) then interval '45 seconds' else interval '5 seconds' end);
    end if;
    -- A poll that found what push should have told: twice, and the channel counts as dead.
    if v_trigger = 'schedule' then
      update private.watch_channels w set missed = case
        when n.created + n.updated + n.cancelled + n.failed + jsonb_array_length(v_verdicts) > 0 and c.run_notice = 0 then w.missed + 1 else w.missed end
      where w.integration_id = c.integration_id and w.calendar_id = c.calendar_id and w.replaced_at is null and w.resource_id is not null;
    end if;
    update private.calendar_cursors x set checked_at = now(), decided_mass = null, decided_action = null
    where x.integration_id = c.integration_id and x.calendar_id = c.calendar_id;
    if v_import then
      update public.calendar_integrations x set last_import_at = v_now where x.id = c.integration_id;
    end if;
  end if;
  v_result := jsonb_build_object(
    'lost', false, 'mismatch', false, 'held', v_held, 'fingerprint', v_fingerprint, 'summary', v_summary,
    'failures', v_failures, 'conflicts', v_conflicts, 'items', v_items
  );
  perform private.count_run(p_run, v_summary, v_failures);
  perform private.end_import(
    c, case when v_held and not v_preview then 'MASS_CHANGE' end, case when not v_held and not v_preview then p_cursor end, v_next,
    v_result);
  if not v_held and not v_preview then
    -- The journal tells what was done; a poll that found nothing is not news.
    delete from public.sync_runs r
    where r.id = p_run and r.trigger <> 'manual' and r.created + r.updated + r.cancelled + r.failed + r.conflicts = 0
      and not exists (select 1 from public.sync_run_items t where t.organisation_id = r.organisation_id and t.run_id = r.id);
  end if;
  return v_result;
end
$$;
comment on function public.import_finish(uuid, uuid, text, jsonb, jsonb) is 'Service only: decides, applies and stores the cursor in one transaction; a preview does the first and nothing else.';

create function private.count_run(p_run uuid, p_summary jsonb, p_failures jsonb) returns void
language sql security definer set search_path = ''
as $$
  update public.sync_runs r set
    created = (p_summary ->> 'created')::integer, updated = (p_summary ->> 'updated')::integer, skipped = (p_summary ->> 'skipped')::integer,
    cancelled = (p_summary ->> 'cancelled')::integer, failed = (p_summary ->> 'failed')::integer,
    conflicts = (p_summary ->> 'conflicts')::integer, failures = p_failures
  where r.id = p_run;
$$;
comment on function private.count_run(uuid, jsonb, jsonb) is 'Writes a run''s figures into the journal.';

create function private.keep_ours(c private.calendar_cursors, p_verdicts jsonb, p_action text) returns void
language plpgsql security definer set search_path = ''
as $$
declare
  v_rdvs uuid[];
begin
  select coalesce(array_agg((v ->> 'rdvId')::uuid), '{}') into v_rdvs
  from jsonb_array_elements(p_verdicts) v where v ->> 'kind' in ('apply', 'cancel', 'conflict', 'drift');
  update private.link_states s set
    presence = case
      when jsonb_typeof(v -> 'base') = 'object' then s.presence
      when p_action = 'keep_cassius' then 'gone'
      else 'detached'
    end,
    pushed = case when jsonb_typeof(v -> 'base') = 'object' and p_action = 'keep_cassius' then v -> 'base' else s.pushed end,
    base = case when jsonb_typeof(v -> 'base') = 'object' then v -> 'base' else s.base end,
    updated_at = now()
  from jsonb_array_elements(p_verdicts) v
  join public.appointment_external_links l on l.integration_id = c.integration_id and l.rdv_id = (v ->> 'rdvId')::uuid
  where s.link_id = l.id and v ->> 'kind' in ('apply', 'cancel', 'conflict', 'drift');
  update public.appointment_external_links l set etag = nullif(v ->> 'etag', ''), updated_at = now()
  from jsonb_array_elements(p_verdicts) v
  where l.integration_id = c.integration_id and l.rdv_id = (v ->> 'rdvId')::uuid and v ->> 'kind' in ('apply', 'cancel', 'conflict', 'drift');
  if p_action = 'keep_cassius' then
    perform private.push_again(c.integration_id, v_rdvs, false);
  end if;
end
$$;
comment on function private.keep_ours(private.calendar_cursors, jsonb, text) is 'After a refused mass change: our events are written again as they are here, or left as they are there.';

create function public.import_suspend(p_worker uuid, p_run uuid, p_page_token text) returns jsonb
language plpgsql security definer set search_path = ''
as $$
begin
  update private.calendar_cursors c set
    page_token = p_page_token, lease_owner = null, lease_until = null,
    -- What a person asked for is due by itself; the time of the next poll is none of its business.
    next_poll_at = case when exists (select 1 from private.import_requests q where q.run_id = p_run) then c.next_poll_at else private.clock() end
  where c.run_id = p_run and c.lease_owner = p_worker;
  return to_jsonb(found);
end
$$;
comment on function public.import_suspend(uuid, uuid, text) is 'Service only: leaves a long run to the next invocation, which goes on at this page.';

create function public.import_fail(p_worker uuid, p_run uuid, p_code text, p_retry_seconds integer, p_cursor_expired boolean) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  c private.calendar_cursors := private.leased_cursor(p_worker, p_run);
begin
  if c.run_id is null then
    return to_jsonb(false);
  end if;
  if p_cursor_expired then
    perform private.end_import(c, 'CURSOR_EXPIRED', null, private.clock());
    update private.calendar_cursors x set sync_token = null, last_error = null
    where x.integration_id = c.integration_id and x.calendar_id = c.calendar_id;
  else
    perform private.fail_import(c, p_code, p_retry_seconds);
  end if;
  return to_jsonb(true);
end
$$;
comment on function public.import_fail(uuid, uuid, text, integer, boolean) is 'Service only: ends a run that could not be finished; nothing of it was applied, and the cursor stays unless it is the cursor that is dead.';

create function public.import_watch(
  p_worker uuid, p_run uuid, p_integration uuid, p_calendar text, p_channel jsonb, p_refused boolean
) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_now timestamptz := private.clock();
  v_provider text;
  v_stop jsonb := '[]'::jsonb;
begin
  select c.provider into v_provider from private.calendar_cursors c
  where c.integration_id = p_integration and c.calendar_id = p_calendar;
  if not found then
    -- The connection ended meanwhile: what was just opened is to be closed again.
    return jsonb_build_object('stop', case
      when p_channel ->> 'resourceId' is not null then jsonb_build_array(jsonb_build_object(
        'channelId', p_channel ->> 'channelId', 'resourceId', p_channel ->> 'resourceId', 'expiresAt', p_channel ->> 'expiresAt'))
      else '[]'::jsonb end);
  end if;
  if p_refused then
    update private.calendar_cursors c set watch_refused_at = v_now where c.integration_id = p_integration and c.calendar_id = p_calendar;
    delete from private.watch_channels w where w.integration_id = p_integration and w.calendar_id = p_calendar and w.resource_id is null;
  elsif p_channel is not null and jsonb_typeof(p_channel) = 'object' then
    insert into private.watch_channels as w (channel_id, integration_id, calendar_id, provider, resource_id, secret_hash, expires_at, created_at)
    values (
      p_channel ->> 'channelId', p_integration, p_calendar, v_provider, p_channel ->> 'resourceId', coalesce(p_channel ->> 'secretHash', ''),
      (p_channel ->> 'expiresAt')::timestamptz, v_now
    )
    on conflict (channel_id) do update set
      resource_id = coalesce(excluded.resource_id, w.resource_id), expires_at = coalesce(excluded.expires_at, w.expires_at), missed = 0
    where w.integration_id = excluded.integration_id and w.calendar_id = excluded.calendar_id;
    if p_channel ->> 'resourceId' is not null then
      with old as (
        update private.watch_channels w set replaced_at = v_now
        where w.integration_id = p_integration and w.calendar_id = p_calendar and w.channel_id <> p_channel ->> 'channelId'
          and w.replaced_at is null and w.resource_id is not null
        returning w.channel_id, w.resource_id, w.expires_at
      )
      select coalesce(jsonb_agg(jsonb_build_object('channelId', o.channel_id, 'resourceId', o.resource_id, 'expiresAt', o.expires_at)), '[]'::jsonb)
      into v_stop from old o;
    end if;
  end if;
  return jsonb_build_object('stop', v_stop);
end
$$;
comment on function public.import_watch(uuid, uuid, uuid, text, jsonb, boolean) is 'Service only: keeps a channel before it is opened (its first notice may be faster than the answer) and after; names the older ones to close.';

create function public.import_notified(p_provider text, p_notices jsonb) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_now timestamptz := private.clock();
  v_dirty integer;
begin
  -- Nothing here waits: a tool that edits a thousand events brings a thousand notices at once, of which one is news.
  with told as (
    select w.channel_id, w.integration_id, w.calendar_id, n ->> 'meaning' as meaning
    from jsonb_array_elements(p_notices) n
    join private.watch_channels w on w.provider = p_provider and w.secret_hash = n ->> 'secretHash'
      and (w.channel_id = n ->> 'channelId' or (n ->> 'channelId' is null and w.resource_id = n ->> 'resourceId'))
      and (w.resource_id is null or n ->> 'resourceId' is null or w.resource_id = n ->> 'resourceId')
    where w.expires_at is null or w.expires_at > v_now
  ), free as (
    select w.channel_id from private.watch_channels w
    where w.channel_id in (
      select t.channel_id from told t join private.watch_channels k on k.channel_id = t.channel_id
      where k.last_notice_at is null or k.last_notice_at < v_now - interval '1 minute' or k.missed > 0
        or t.meaning = 'recreate' and k.replaced_at is null or t.meaning = 'renew' and k.expires_at > v_now + interval '1 hour'
    )
    for no key update skip locked
  ), heard as (
    update private.watch_channels w set
      last_notice_at = v_now, missed = 0,
      replaced_at = case when t.meaning = 'recreate' then coalesce(w.replaced_at, v_now) else w.replaced_at end,
      expires_at = case when t.meaning = 'renew' then least(w.expires_at, v_now + interval '1 hour') else w.expires_at end
    from free f join told t on t.channel_id = f.channel_id
    where w.channel_id = f.channel_id
  ), news as (
    insert into private.calendar_notices (integration_id, calendar_id, told_at)
    select distinct t.integration_id, t.calendar_id, v_now
    from told t
    join private.calendar_cursors c on c.integration_id = t.integration_id and c.calendar_id = t.calendar_id
    -- Known already, unless the reading under way began before.
    where not exists (
      select 1 from private.calendar_notices k
      where k.integration_id = c.integration_id and k.calendar_id = c.calendar_id
        and k.id > case when c.run_id is not null then c.run_notice else 0 end
    )
    returning 1
  )
  select count(*) into v_dirty from news;
  return jsonb_build_object('dirty', v_dirty);
end
$$;
comment on function public.import_notified(text, jsonb) is 'Service only: notes the calendars of notices that carry their channel''s secret; others mean nothing. dirty: how many of them are news. p_notices: [{secretHash, channelId, resourceId, meaning}].';

create function public.import_status(p_organisation uuid, p_user uuid, p_provider text) returns jsonb
language sql stable security definer set search_path = ''
as $$
  select coalesce((
    select jsonb_build_object(
      'enabled', i.import_enabled and i.disconnected_at is null,
      'calendarId', i.calendar_source_id,
      'running', coalesce((
        select jsonb_build_object('runId', r.id, 'pages', r.pages, 'events', r.events, 'mode', r.mode, 'startedAt', r.started_at)
        from private.calendar_cursors c join public.sync_runs r on r.id = c.run_id
        where c.integration_id = i.id and r.finished_at is null order by r.started_at desc limit 1
      ), (
        -- It waits its turn.
        select jsonb_build_object('runId', q.run_id, 'pages', 0, 'events', 0, 'mode', q.mode, 'startedAt', q.asked_at)
        from private.import_requests q where q.integration_id = i.id and q.result is null order by q.asked_at limit 1
      )),
      'lastImportAt', i.last_import_at,
      'last', (
        select jsonb_build_object(
          'runId', r.id, 'mode', r.mode, 'trigger', r.trigger, 'startedAt', r.started_at, 'finishedAt', r.finished_at, 'calendarId', r.calendar_id,
          'window', jsonb_build_object('from', r.window_from, 'to', r.window_to), 'error', r.error, 'failures', r.failures,
          'summary', jsonb_build_object('created', r.created, 'updated', r.updated, 'skipped', r.skipped, 'cancelled', r.cancelled,
            'failed', r.failed, 'conflicts', r.conflicts)
        )
        from public.sync_runs r
        where r.integration_id = i.id and r.direction = 'import' and r.mode = 'import' and r.finished_at is not null
        order by r.started_at desc limit 1
      ),
      'error', (
        select c.last_error from private.calendar_cursors c
        where c.integration_id = i.id and c.calendar_id = i.calendar_source_id and c.failures > 0
      ),
      'nextAt', (select min(c.next_poll_at) from private.calendar_cursors c where c.integration_id = i.id and private.follows(i, c.calendar_id) is not null),
      'push', case
        when exists (
          select 1 from private.watch_channels w
          where w.integration_id = i.id and w.resource_id is not null and w.replaced_at is null and w.expires_at > private.clock() and w.missed < 2
        ) then 'live'
        when exists (select 1 from private.calendar_cursors c where c.integration_id = i.id and c.watch_refused_at is not null) then 'refused'
        else 'none'
      end
    )
    from public.calendar_integrations i
    where i.organisation_id = p_organisation and i.user_id = p_user and i.provider = p_provider
  ), jsonb_build_object('enabled', false, 'calendarId', null, 'running', null, 'lastImportAt', null, 'last', null, 'error', null, 'nextAt', null, 'push', 'none'));
$$;
comment on function public.import_status(uuid, uuid, text) is 'Service only: the last import, the one under way, and when the next comes.';

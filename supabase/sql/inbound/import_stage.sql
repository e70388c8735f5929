create or replace function public.import_stage(
  p_worker uuid, p_run uuid, p_events json, p_removed jsonb, p_page_token text, p_pages integer default 1,
  p_cursor text default null, p_unreadable jsonb default null, p_missed jsonb default null
) returns jsonb
language plpgsql security definer set search_path = '' set statement_timeout = '20s'
set plan_cache_mode = force_generic_plan set enable_seqscan = off
as $$
declare
  v_run private.import_runs := private.leased_run(p_worker, p_run);
  v_zone text;
  v_columns record;
  v_pages integer;
begin
  if v_run.id is null then
    return jsonb_build_object('lost', true);
  end if;
  select g.timezone into v_zone from public.organisations g where g.id = v_run.organisation_id;
  -- A page comes as columns: as rows, more time went into reading its JSON than into storing it.
  select * into v_columns from json_to_record(p_events) as p (
    "eventId" text[], etag text[], status text[], kind text[], title text[], description text[], location text[],
    "allDay" boolean[], "startsAt" timestamptz[], "endsAt" timestamptz[], "startDay" date[], "endDay" date[],
    "timeZone" text[], availability text[], visibility text[], marker text[], "updatedAt" timestamptz[], url text[],
    attendees text[], "ownResponse" text[], "seriesId" text[], "requestedId" text[]
  );
  perform private.plan_for(cardinality(v_columns."eventId"));
  insert into private.import_staging as s (
    run_id, event_id, removed, etag, status, kind, title, description, location, start_at, end_at, all_day, start_day,
    end_day, time_zone, availability, visibility, marker, updated_at, url, attendees, own_response, series_id,
    has_content
  )
  select distinct on (x.event_id) p_run, x.event_id, false, x.etag, x.status, x.kind,
    case when not t.secret then x.title end, case when not t.secret then x.description end,
    case when not t.secret then x.location end, t.starts, t.ends,
    coalesce(x.all_day, false), x.start_day, x.end_day, x.zone, x.availability, x.visibility, x.marker::jsonb,
    x.updated_at, case when not t.secret then x.url end,
    case when t.secret then '[]'::jsonb else coalesce(x.attendees, '[]')::jsonb end,
    x.own_response, x.series_id, x.title is not null
  from unnest(
    v_columns."eventId", v_columns.etag, v_columns.status, v_columns.kind, v_columns.title, v_columns.description,
    v_columns.location, v_columns."allDay", v_columns."startsAt", v_columns."endsAt", v_columns."startDay",
    v_columns."endDay", v_columns."timeZone", v_columns.availability, v_columns.visibility, v_columns.marker,
    v_columns."updatedAt", v_columns.url, v_columns.attendees, v_columns."ownResponse", v_columns."seriesId",
    v_columns."requestedId"
  ) with ordinality as x (
    event_id, etag, status, kind, title, description, location, all_day, starts_at, ends_at, start_day, end_day, zone,
    availability, visibility, marker, updated_at, url, attendees, own_response, series_id, requested_id, n
  )
  cross join lateral (
    select
      case when x.all_day then x.start_day::timestamp at time zone v_zone else x.starts_at end as starts,
      case when x.all_day then x.end_day::timestamp at time zone v_zone else x.ends_at end as ends,
      -- Not even for the length of a run is more kept of it than its time. Our own events are private too, and are
      -- compared.
      coalesce(x.visibility = 'private', false) and x.marker is null and not exists (
        select 1 from public.appointment_external_links l
        where l.integration_id = v_run.integration_id and l.external_event_id = x.event_id offset 0
      ) and not exists (
        select 1 from private.former_events f
        where f.integration_id = v_run.integration_id and f.calendar_id = v_run.calendar_id and f.event_id = x.event_id
        offset 0
      ) as secret
    offset 0
  ) t
  -- Events outside the window that were never known are not kept. Each is looked up by its key (offset 0), however many
  -- are known: statistics may be of a calendar that was empty.
  where (
    x.status = 'cancelled' or x.marker is not null or t.starts is null
    or (t.starts < v_run.window_to and t.ends >= v_run.window_from)
    or exists (
      select 1 from public.external_events e
      where e.organisation_id = v_run.organisation_id and e.external_calendar_id = v_run.calendar_id
        and e.external_event_id = x.event_id
      offset 0
    )
    or exists (
      select 1 from public.appointment_external_links l
      where l.integration_id = v_run.integration_id and l.external_event_id = x.event_id offset 0
    )
    or exists (
      select 1 from private.former_events f
      where f.integration_id = v_run.integration_id and f.calendar_id = v_run.calendar_id and f.event_id = x.event_id
      offset 0
    )
  )
  -- Of our own making: the outbound side has asked for it and is about to write down what the provider calls it.
  and not exists (
    select 1 from public.appointment_external_links l
    where l.integration_id = v_run.integration_id and l.external_event_id = x.requested_id offset 0
  )
  order by x.event_id, x.n desc
  on conflict (run_id, event_id) do update set
    removed = false, etag = excluded.etag, status = excluded.status, kind = excluded.kind, title = excluded.title,
    description = excluded.description, location = excluded.location, start_at = excluded.start_at,
    end_at = excluded.end_at, all_day = excluded.all_day, start_day = excluded.start_day, end_day = excluded.end_day,
    time_zone = excluded.time_zone, availability = excluded.availability, visibility = excluded.visibility,
    marker = excluded.marker, updated_at = excluded.updated_at, url = excluded.url, attendees = excluded.attendees,
    own_response = excluded.own_response, series_id = excluded.series_id, has_content = excluded.has_content,
    unreadable = null, missed = false;
  perform private.stage_ids(p_run, p_removed, p_unreadable, p_missed);
  update private.import_runs r set
    page_token = p_page_token, end_cursor = coalesce(p_cursor, r.end_cursor),
    starts = case when p_page_token is distinct from r.page_token or p_cursor is not null then 0 else r.starts end
  where r.id = v_run.id;
  update public.sync_runs r
  set pages = r.pages + p_pages, events = r.events + coalesce(cardinality(v_columns."eventId"), 0) where r.id = p_run
  returning r.pages into v_pages;
  -- The claim paid the first; a person's reading has none.
  v_pages := least(p_pages, v_pages - case v_run.trigger when 'manual' then 0 else 1 end);
  if v_pages > 0 then
    perform private.settle_project(i.provider, v_run.organisation_id, v_pages, 0)
    from public.calendar_integrations i where i.id = v_run.integration_id;
  end if;
  return jsonb_build_object('lost', false);
end
$$;
comment on function public.import_stage(uuid, uuid, json, jsonb, text, integer, text, jsonb, jsonb) is
  'Service only: keeps some pages of a run and where to go on; with p_cursor, the last page''s, only the ending is '
  'left. p_events: a list for each column. p_removed: ids, StagedPart of sync/inbound/port.ts. p_unreadable: '
  '[{eventId, reason}]. p_missed: ids, StagedPart.';
grant execute on function public.import_stage(uuid, uuid, json, jsonb, text, integer, text, jsonb,
  jsonb) to service_role;

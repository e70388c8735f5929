create or replace function private.apply_foreign(
  p_run private.import_runs, p_connection public.calendar_integrations, p_tally private.import_tally, p_others boolean
) returns void
language plpgsql security definer set search_path = ''
as $$
declare
  v_now constant timestamptz := private.clock();
  v_known_changed constant boolean := p_tally.updated + p_tally.cancelled > 0;
  v_untouched uuid[];
begin
  if p_tally.own > 0 then
    -- Ours, and taken for a foreign event before its link knew it.
    delete from public.external_events e using private.import_staging s
    where s.run_id = p_run.id and s.action = 'own' and e.organisation_id = p_run.organisation_id
      and e.external_calendar_id = p_run.calendar_id and e.external_event_id = s.event_id;
  end if;
  if v_known_changed then
    v_untouched := private.untouched_appointments(p_run);
    perform private.follow_events(p_run, v_untouched);
    perform private.ask_about_edited(p_run, v_untouched);
  end if;
  insert into public.external_events as e (
    organisation_id, integration_id, user_id, provider, external_calendar_id, external_event_id, etag, status, kind,
    summary, description, location, start_at, end_at, all_day, start_day, end_day, time_zone, attendees, html_link,
    own_response, visibility, availability, series_id, updated_at_provider, last_synced_at, created_at
  )
  select p_run.organisation_id, p_run.integration_id, p_connection.user_id, p_connection.provider, p_run.calendar_id,
    s.event_id, s.etag, s.status,
    s.kind, case when p.open then s.title end, case when p.open then nullif(s.description, '') end,
    case when p.open then nullif(s.location, '') end, s.start_at, s.end_at, s.all_day, s.start_day, s.end_day,
    s.time_zone,
    case when p.open then s.attendees else '[]'::jsonb end, s.url, s.own_response, s.visibility, s.availability,
    s.series_id, s.updated_at, v_now, v_now
  from private.import_staging s
  cross join lateral (select s.visibility <> 'private' as open) p
  where p_tally.created + p_tally.updated > 0 and s.run_id = p_run.id and s.action in ('create', 'update')
  on conflict (organisation_id, external_calendar_id, external_event_id) do update set
    (integration_id, user_id, etag, status, kind, summary, description, location, start_at, end_at, all_day, start_day,
      end_day, time_zone, attendees, html_link, own_response, visibility, availability, series_id, updated_at_provider,
      last_synced_at, detached_at, timed_before, updated_at)
    = (excluded.integration_id, excluded.user_id, excluded.etag, excluded.status, excluded.kind, excluded.summary,
      excluded.description, excluded.location, excluded.start_at, excluded.end_at, excluded.all_day, excluded.start_day,
      excluded.end_day, excluded.time_zone, excluded.attendees, excluded.html_link, excluded.own_response,
      excluded.visibility, excluded.availability, excluded.series_id, excluded.updated_at_provider,
      excluded.last_synced_at, null, case
        when private.is_bookable(excluded) then null
        when private.is_bookable(e) then tstzrange(e.start_at, e.end_at)
        else e.timed_before
      end, now());
  if v_known_changed then
    update public.external_events e set
      status = 'cancelled', etag = coalesce(nullif(s.etag, ''), e.etag),
      own_response = coalesce(s.own_response, e.own_response), last_synced_at = v_now, updated_at = now()
    from private.import_staging s
    where s.run_id = p_run.id and s.action = 'cancel' and e.id = s.known_id;
    perform private.close_followed(p_run);
  end if;
  if p_connection.import_as = 'rdv' and p_others then
    perform private.book_events(array(
      select e.id from public.external_events e
      where e.integration_id = p_run.integration_id and e.external_calendar_id = p_run.calendar_id
        and e.status <> 'cancelled' and private.is_bookable(e) and e.became_rdv_at is null and e.detached_at is null
        and e.during && tstzrange(p_run.window_from, p_run.window_to)
    ));
  end if;
end
$$;
comment on function private.apply_foreign(private.import_runs, public.calendar_integrations, private.import_tally,
  boolean) is
  'Writes what was decided about events of others, and the appointments that are made of them. p_others: events of '
  'others are taken over, not only what is known of them kept.';

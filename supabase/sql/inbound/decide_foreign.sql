create or replace function private.decide_foreign(
  p_run private.import_runs, p_verdicts private.verdict[], p_import boolean
) returns void
language plpgsql security definer set search_path = ''
as $$
declare
  v_id constant text := '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$';
  -- The occurrence of a series of ours that is the appointment's: its link is about to name it.
  v_judged constant text[] := array(select v.event_id from unnest(p_verdicts) v);
  -- A series of ours that is a single event again: it is ours as soon as the occurrence is known to be gone. Where that
  -- went since the reading began, what was read may be older than the series.
  v_series constant text[] := array(
    select z.place ->> 'seriesId' from private.link_states z
    join public.appointment_external_links k on k.id = z.link_id and k.external_calendar_id = p_run.calendar_id
    where z.integration_id = p_run.integration_id and z.place is not null
      and (private.has_event(z.state) or k.last_synced_at >= p_run.started_at));
begin
  -- Each is decided by itself, by keys: statistics know nothing of rows that came a moment ago.
  update private.import_staging t set (action, reason, known_id) = (
    select coalesce(v.action, 'none'), v.reason, e.id
    from (values (true)) as one (event)
    -- Two of a practice can share a calendar: of two links the connection's own is the one that counts.
    left join lateral (
      select x.* from public.appointment_external_links x
      where x.organisation_id = p_run.organisation_id and x.external_calendar_id = p_run.calendar_id
        and x.external_event_id = t.event_id
      order by x.integration_id = p_run.integration_id desc limit 1
    ) l on true
    left join public.external_events e
      on e.organisation_id = p_run.organisation_id and e.external_calendar_id = p_run.calendar_id
        and e.external_event_id = t.event_id
    left join private.former_events f
      on f.integration_id = p_run.integration_id and f.calendar_id = p_run.calendar_id and f.event_id = t.event_id
    left join public.calendar_integrations o on o.id = e.integration_id and o.id <> p_run.integration_id
    cross join lateral (
      select
        case when t.marker ->> 'appointmentId' ~ v_id then (t.marker ->> 'appointmentId')::uuid end as rdv_id,
        case when t.marker ->> 'integrationId' ~ v_id then (t.marker ->> 'integrationId')::uuid end as integration_id
    ) m
    cross join lateral (
      select
      -- Where ids are the provider's, an event of ours can come back before its link knows its id: the mark tells.
      t.marker is not null and exists (
        select 1 from public.appointment_external_links k
        join private.link_states z on z.link_id = k.id
        where k.integration_id = p_run.integration_id and z.state in ('creating', 'deleting')
          and k.epoch = (t.marker ->> 'epoch')::integer
          and k.rdv_id = m.rdv_id
          and t.marker ->> 'integrationId' = p_run.integration_id::text
      ) as ours_comes,
      -- Read before it was taken away, and decided after: our events move to another calendar while this one is read.
      t.marker is not null and exists (
        select 1 from public.appointment_external_links k
        where k.integration_id = p_run.integration_id and k.external_event_id <> t.event_id
          and k.epoch > (t.marker ->> 'epoch')::integer
          and k.rdv_id = m.rdv_id
          and t.marker ->> 'integrationId' = p_run.integration_id::text
          and (k.last_synced_at >= p_run.started_at or exists (
            select 1 from private.sync_outbox o
            where o.integration_id = k.integration_id and o.rdv_id = k.rdv_id and o.parked_at is null
          ))
      ) as ours_leaves,
      -- Its owner moved it here, and its link, ours or a colleague's, knows it where it was.
      (
        select k.integration_id from public.appointment_external_links k
        join private.link_states z on z.link_id = k.id
        where k.integration_id = coalesce(m.integration_id, p_run.integration_id)
          and k.organisation_id = p_run.organisation_id and k.external_event_id = t.event_id
          and private.has_event(z.state)
        limit 1
      ) as ours_arrived
    ) x
    cross join lateral (
      select t.status = 'cancelled' or t.kind in ('working_location', 'birthday', 'task')
        or t.own_response = 'declined' as gone, case
          when t.status = 'cancelled' then 'cancelled'
          when t.own_response = 'declined' then 'declined'
          else 'not_an_appointment'
        end as why
    ) g
    cross join lateral (
      select
        case
          when t.unreadable is not null then 'fail'
          when t.missed then 'none'
          when coalesce(l.integration_id, x.ours_arrived) = p_run.integration_id or f.event_id is not null
          or t.event_id = any (v_judged) then 'own'
          when l.id is not null or not p_import or t.removed then 'none'
          when t.event_id = any (v_series) or x.ours_comes or x.ours_leaves or x.ours_arrived is not null then 'none'
          when o.id is not null and o.disconnected_at is null and o.import_enabled then 'none'
          -- A series that was read by itself: its occurrences are the events, and come by themselves.
          when e.id is null and t.series_id = t.event_id then 'none'
          when g.gone and e.status <> 'cancelled' and e.detached_at is null then 'cancel'
          when g.gone then 'none'
          when not t.has_content then 'none'
          when t.start_at is null or t.end_at is null or t.end_at < t.start_at then 'fail'
          when e.id is null and (t.start_at >= p_run.window_to or t.end_at < p_run.window_from) then 'none'
          when e.id is null then 'create'
          when e.status = 'cancelled' then 'update'
          when e.etag = t.etag and e.start_at = t.start_at and e.end_at = t.end_at then 'skip'
          else 'update'
        end as action,
        case
          when t.unreadable is not null then 'INVALID_EVENT'
          when coalesce(l.integration_id, x.ours_arrived) <> p_run.integration_id or x.ours_comes or x.ours_leaves
            or t.event_id = any (v_series)
            then 'exported'
          when o.id is not null and o.disconnected_at is null and o.import_enabled then 'colleague'
          when g.gone then g.why
          when not t.has_content then null
          when t.start_at is null or t.end_at is null or t.end_at < t.start_at then 'INVALID_EVENT'
          when t.start_at >= p_run.window_to or t.end_at < p_run.window_from then 'outside_window'
          when e.etag = t.etag then 'unchanged'
        end as reason
    ) v
  )
  where t.run_id = p_run.id and t.event_id <> '';
end
$$;
comment on function private.decide_foreign(private.import_runs, private.verdict[], boolean) is
  'For each staged event: own (of this connection), create, update, cancel, skip (unchanged), none (not for us), fail.';

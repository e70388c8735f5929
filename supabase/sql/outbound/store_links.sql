create or replace function private.store_links(p_lane private.sync_lanes, p_results private.job_result[]) returns void
language plpgsql security definer set search_path = ''
as $$
declare
  v_now timestamptz := private.clock();
begin
  with told as (
    select r.*, k.link_id,
      -- Where a person is asked, the event was seen after the write; a later version of it has not been looked at yet.
      coalesce(r.state, case
        when k.state in ('updating', 'deleting') and r.conflict_reason is not null and not r.outdated then 'live'
        else k.state
      end) as becomes
    from unnest(p_results) r
    left join lateral (
      select l.id as link_id, s.state from public.appointment_external_links l
      left join lateral (select x.state from private.link_states x where x.link_id = l.id offset 0) s on true
      where l.rdv_id = r.rdv_id and l.integration_id is not distinct from p_lane.integration_id
      offset 0
    ) k on true
  ), written as (
    insert into public.appointment_external_links as l (
      organisation_id, rdv_id, integration_id, provider, external_calendar_id, external_event_id, epoch, etag,
      sync_status, skip_reason, last_synced_at, last_error
    )
    select p_lane.organisation_id, t.rdv_id, p_lane.integration_id, p_lane.provider,
      nullif(t.calendar_id, ''), nullif(t.event_id, ''), coalesce(t.epoch, 0), t.etag,
      private.sync_status(
        coalesce(t.becomes, 'absent'), t.outcome = 'retry' or t.outdated,
        t.outcome = 'park' or t.conflict_reason is not null),
      case when t.action = 'skipped' and t.reason <> 'unchanged' then t.reason end,
      case when t.outcome = 'done' and t.action <> 'skipped' then v_now end,
      case
        when t.conflict_reason is not null then jsonb_build_object('code', upper(t.conflict_reason), 'message', null)
        when t.outcome <> 'done' then t.error
      end
    from told t
    where t.state is not null or t.link_id is not null or t.outcome <> 'done'
      or (t.action = 'skipped' and t.reason in ('no_start', 'no_patient', 'imported_from_provider'))
    on conflict (integration_id, rdv_id) do update set
      external_calendar_id = coalesce(excluded.external_calendar_id, l.external_calendar_id),
      epoch = case when excluded.external_event_id is null then l.epoch else excluded.epoch end,
      etag = case when excluded.external_event_id is null then l.etag else excluded.etag end,
      external_event_id = coalesce(excluded.external_event_id, l.external_event_id),
      sync_status = excluded.sync_status, skip_reason = excluded.skip_reason,
      last_synced_at = coalesce(excluded.last_synced_at, l.last_synced_at),
      last_error = excluded.last_error,
      drifted_at = case when excluded.sync_status in ('synced', 'none') then null else l.drifted_at end,
      updated_at = now()
    returning l.id, l.rdv_id
  ), answered as (
    update private.link_states s set state = t.becomes, updated_at = now()
    from told t
    where s.link_id = any (array(select x.link_id from told x where x.state is null))
      and s.link_id = t.link_id and t.state is null and s.state <> t.becomes
  )
  insert into private.link_states as s (
    link_id, integration_id, state, pushed, base, place, target_calendar_id, patient_id
  )
  select coalesce(t.link_id, w.id), p_lane.integration_id, t.state, t.pushed, t.base, t.place, t.target_calendar_id,
    case when t.state = 'live' then r.patient_id end
  from told t
  left join written w on t.link_id is null and w.rdv_id = t.rdv_id
  left join public.rdv r on r.id = t.rdv_id
  where t.state is not null
  on conflict (link_id) do update set
    state = excluded.state, pushed = excluded.pushed, base = excluded.base, place = excluded.place,
    target_calendar_id = excluded.target_calendar_id,
    patient_id = case when excluded.state = 'live' then excluded.patient_id else s.patient_id end,
    updated_at = now();
end
$$;
comment on function private.store_links(private.sync_lanes, private.job_result[]) is
  'Writes what the results tell of their events. An appointment that makes no event has a link only where a person may '
  'wonder why.';

create or replace function private.apply_verdicts(p_run private.import_runs, p_verdicts private.verdict[])
returns private.verdict[]
language plpgsql security definer set search_path = ''
as $$
declare
  v_now constant timestamptz := private.clock();
  v_done private.verdict[] := '{}';
begin
  if cardinality(p_verdicts) = 0 then
    return v_done;
  end if;
  v_done := private.unmoved_verdicts(p_run, p_verdicts);
  perform private.follow_found(p_run.integration_id, array(
    select distinct v.calendar_id from unnest(v_done) v where v.calendar_id <> v.link_calendar_id));
  -- What has moved is read again by itself, as its link knows it. An echo says nothing that the next change would not
  -- say too, but that it is an occurrence by now.
  delete from private.import_revisits x
  where x.integration_id = p_run.integration_id and x.calendar_id = p_run.calendar_id
    and x.event_id in (select u.id from unnest(v_done) v
      cross join lateral (values (v.event_id), (v.link_event_id)) u (id));
  insert into private.import_revisits (integration_id, calendar_id, event_id, rdv_id, since)
  select p_run.integration_id, p_run.calendar_id, v.link_event_id, case when v.former is not true then v.rdv_id end,
    v_now
  from unnest(p_verdicts) v
  where (v.kind <> 'echo' or v.state = 'gone' or v.event_id <> v.link_event_id)
    and v.event_id not in (select d.event_id from unnest(v_done) d)
  on conflict do nothing;

  update public.rdv r set starts_at = v.starts_at, ends_at = v.ends_at, location = nullif(v.location, '')
  from unnest(v_done) v
  where r.id = v.rdv_id and v.kind = 'apply';
  with was as (
    select r.id, r.status from public.rdv r
    join unnest(v_done) v on v.rdv_id = r.id and v.kind = 'cancel'
    where r.status in ('scheduled', 'confirmed')
  ), cancelled as (
    update public.rdv r set status = 'cancelled' from was where r.id = was.id returning r.id, was.status, r.updated_at
  )
  update private.link_states s set cancelled_from = c.status, cancelled_at = c.updated_at
  from cancelled c
  join public.appointment_external_links l on l.integration_id = p_run.integration_id and l.rdv_id = c.id
  where s.link_id = l.id;
  update public.rdv r set status = v.status
  from unnest(v_done) v
  where r.id = v.rdv_id and v.kind = 'restore' and v.status is not null;

  -- What a question held back here goes out once it is over; an event that is back, and what Cassius decides, is put
  -- right.
  update private.former_events f set ends_since = v_now, etag = v.etag
  from unnest(v_done) v
  where v.kind = 'end' and v.former and f.integration_id = p_run.integration_id and f.calendar_id = p_run.calendar_id
    and f.event_id = v.event_id;
  perform private.push_again(
    p_run.integration_id,
    array(select v.rdv_id from unnest(v_done) v where v.settles or v.kind in ('restore', 'end', 'drift')), 'change');
  insert into private.import_revisits (integration_id, calendar_id, event_id, since)
  select p_run.integration_id, p_run.calendar_id, v.event_id, v_now from unnest(v_done) v where v.kind = 'restore'
  on conflict do nothing;

  update public.appointment_external_links l set
    external_event_id = v.event_id,
    external_calendar_id = v.calendar_id, -- planted: move_not_followed
    etag = case v.state when 'live' then v.etag when 'gone' then null else l.etag end,
    last_synced_at = case when v.kind in ('accept', 'apply', 'cancel', 'restore') then v_now else l.last_synced_at end,
    sync_status = case
      when v.state = 'gone' then private.sync_status('gone', v.kind = 'drift' and exists (
        select from private.sync_outbox o
        where o.integration_id = l.integration_id and o.rdv_id = l.rdv_id and o.parked_at is null
      ), false)
      when v.kind = 'conflict' then private.sync_status('live', false, true)
      when v.kind = 'restore' then private.sync_status('live', false, false)
      else l.sync_status
    end,
    last_error = case
      when v.kind = 'conflict' then jsonb_build_object('code', upper(v.reason), 'message', null)
      when v.kind = 'restore' then null else l.last_error end,
    drifted_at = case
      when v.kind = 'drift' then coalesce(l.drifted_at, v_now) when v.kind <> 'conflict' then null
      else l.drifted_at end,
    updated_at = now()
  from unnest(v_done) v
  where l.integration_id = p_run.integration_id and l.rdv_id = v.rdv_id and v.former is not true;
  update private.link_states s set
    state = case
      when v.state = 'gone' then 'gone'::private.link_state
      when v.state = 'live' and s.state in ('gone', 'detached') then 'live'
      when v.kind = 'conflict' and v.reason = 'deleted' then 'detached'
      else s.state
    end,
    pushed = case when v.state is not null then v.pushed else s.pushed end,
    base = case when v.state is not null then v.base else s.base end,
    place = v.place,
    target_calendar_id = v.target_calendar_id,
    applied_count = case when v.kind in ('apply', 'drift') then a.recently + 1 else s.applied_count end,
    applied_since = case when v.kind in ('apply', 'drift') and a.recently = 0 then v_now else s.applied_since end,
    updated_at = now()
  from unnest(v_done) v
  join public.appointment_external_links l on l.integration_id = p_run.integration_id and l.rdv_id = v.rdv_id
  join private.link_states x on x.link_id = l.id
  cross join lateral (select private.applied_recently(x.applied_count, x.applied_since) as recently) a
  where s.link_id = l.id and v.former is not true;

  update public.sync_conflicts k set status = 'resolved', resolution = 'vanished', resolved_at = v_now
  from unnest(v_done) v
  where k.id = v.question_id and v.settles
    or v.kind in ('restore', 'end', 'echo', 'conflict') and k.integration_id = p_run.integration_id
      and k.internal_id = v.rdv_id and k.status = 'open' and k.entity_type = 'appointment'
      and (
        k.reason = 'restored' and k.external_id = v.event_id and (v.kind <> 'conflict' or v.reason <> 'restored')
        or k.reason = 'deleted' and v.former is not true and (v.kind in ('restore', 'end') or v.reason = 'restored')
      );
  perform private.open_conflict(p_run.integration_id, 'appointment', v.rdv_id, v.event_id, v.reason, v.payload)
  from unnest(v_done) v where v.kind = 'conflict';
  return v_done;
end
$$;
comment on function private.apply_verdicts(private.import_runs, private.verdict[]) is
  'Carries out what was decided about events of ours, as far as nothing moved since; the rest comes again. Returns '
  'what was done.';

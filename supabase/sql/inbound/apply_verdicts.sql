create or replace function private.apply_verdicts(c private.calendar_cursors, i public.calendar_integrations, p_verdicts jsonb) returns jsonb
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
    and (w.v ->> 'kind' = 'echo' and w.v ->> 'state' = 'gone' or not exists (
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
  where (v ->> 'kind' <> 'echo' or v ->> 'state' = 'gone') and not ((v ->> 'rdvId')::uuid = any (v_ready) and v ->> 'kind' <> 'wait')
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
    else v || jsonb_build_object('kind', 'conflict', 'reason', k.reason, 'state', null, 'payload',
      k.payload || jsonb_build_object('etag', v ->> 'etag', 'calendar', v -> 'base', 'rdvUpdatedAt', v ->> 'rdvUpdatedAt'))
    end), '[]'::jsonb) into v_done
  from jsonb_array_elements(v_done) v
  left join public.sync_conflicts k on k.integration_id = c.integration_id and k.internal_id = (v ->> 'rdvId')::uuid
    and k.status = 'open' and k.reason = 'changed_both_sides' and k.entity_type = 'appointment'
    and v ->> 'kind' in ('echo', 'accept', 'apply') and v ->> 'state' = 'live';

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
  perform private.push_again(c.integration_id, v_freed, 'change');

  update public.appointment_external_links l set
    etag = case v ->> 'state' when 'live' then v ->> 'etag' when 'gone' then null else l.etag end,
    last_synced_at = case when v ->> 'kind' in ('accept', 'apply', 'cancel') then v_now else l.last_synced_at end,
    sync_status = case when v ->> 'state' = 'gone' then private.sync_status('gone', false, false)
      when v ->> 'kind' = 'conflict' then private.sync_status('live', false, true) else l.sync_status end,
    last_error = case when v ->> 'kind' = 'conflict' then jsonb_build_object('code', upper(v ->> 'reason'), 'message', null) else l.last_error end,
    drifted_at = case when v ->> 'kind' = 'drift' then coalesce(l.drifted_at, v_now) when v ->> 'kind' in ('echo', 'accept', 'apply', 'cancel') then null else l.drifted_at end,
    updated_at = now()
  from jsonb_array_elements(v_done) v
  where l.integration_id = c.integration_id and l.rdv_id = (v ->> 'rdvId')::uuid;
  update private.link_states s set
    state = case
      when v ->> 'state' = 'gone' then 'gone'::private.link_state
      when v ->> 'kind' = 'conflict' and v ->> 'reason' = 'deleted' then 'detached'
      else s.state
    end,
    pushed = case when v ->> 'state' is not null then nullif(v -> 'pushed', 'null') else s.pushed end,
    base = case when v ->> 'state' is not null then nullif(v -> 'base', 'null') else s.base end,
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
  perform private.open_conflict(
    c.integration_id, 'appointment', (v ->> 'rdvId')::uuid, v ->> 'eventId', v ->> 'reason', v -> 'payload')
  from jsonb_array_elements(v_done) v
  where v ->> 'kind' = 'conflict';
  -- The question about a difference is answered when there is none any more.
  update public.sync_conflicts k set status = 'resolved', resolution = 'vanished', resolved_at = v_now
  from jsonb_array_elements(v_done) v
  where k.integration_id = c.integration_id and k.internal_id = (v ->> 'rdvId')::uuid and k.status = 'open'
    and k.reason = 'changed_both_sides' and v ->> 'kind' in ('echo', 'accept', 'apply', 'cancel');
  return v_done;
end
$$;
comment on function private.apply_verdicts(private.calendar_cursors, public.calendar_integrations, jsonb) is 'Carries out what the engine decided about events of ours, as far as nothing moved since; the rest comes again. Returns what was done.';

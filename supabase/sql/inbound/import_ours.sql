create or replace function public.import_ours(p_worker uuid, p_run uuid) returns jsonb
language plpgsql security definer set search_path = '' set statement_timeout = '20s'
set plan_cache_mode = force_generic_plan set enable_seqscan = off
as $$
declare
  v_run private.import_runs := private.leased_run(p_worker, p_run);
  v_read text[];
begin
  if v_run.id is null then
    return jsonb_build_object('lost', true, 'ours', '[]'::jsonb);
  end if;
  v_read := array(
    select u.id from private.import_staging o
    cross join lateral (values (o.event_id), (o.series_id)) u (id)
    where o.run_id = v_run.id and not o.removed and not o.missed and o.unreadable is null and u.id is not null
  );
  perform private.plan_for(cardinality(v_read));
  return jsonb_build_object('lost', false, 'ours', (
    select coalesce(jsonb_agg(jsonb_build_object(
      'eventId', l.event_id, 'calendarId', v_run.calendar_id, 'repeats', h.repeats, 'place', l.place, 'etag', s.etag,
      'status', coalesce(s.status, 'confirmed'),
      'content', case when not h.repeats then private.staged_content(s) end,
      'rdvId', l.rdv_id, 'link', jsonb_build_object(
        'eventId', l.event_id, 'place', l.place, 'state', l.state, 'pushed', l.pushed, 'etag', l.etag,
        'epoch', l.epoch, 'calendarId', l.calendar_id, 'targetCalendarId', l.target_calendar_id,
        'base', l.base -- planted: echo_is_an_edit
      ),
      'former', case when l.former then jsonb_build_object(
        'unchanged', coalesce(l.said = private.content_digest(private.staged_content(s)), false),
        'replaced', private.has_event(l.state)
      ) end,
      'rdvUpdatedAt', r.updated_at,
      'rdv', jsonb_build_object(
        'status', r.status, 'startsAt', r.starts_at, 'endsAt', r.ends_at, 'location', r.location,
        'deleted', r.id is null, 'named', r.patient_id is not null,
        'cancelledFrom', case when r.status = 'cancelled' and r.updated_at = l.cancelled_at then l.cancelled_from end
      ),
      -- Written by us since the reading began: what was read may be older than that, and is to be read again.
      'dirty', coalesce(l.synced_at >= v_run.started_at, false) or exists (
        select 1 from private.sync_outbox o
        where o.integration_id = v_run.integration_id and o.rdv_id = l.rdv_id and o.parked_at is null
      ),
      'appliedRecently', private.applied_recently(l.applied_count, l.applied_since),
      'question', case when q.id is not null then
        jsonb_build_object('id', q.id, 'updatedAt', q.updated_at, 'payload', q.payload)
      end
    ) order by l.event_id), '[]'::jsonb)
    from (
      -- An event of ours of which there are occurrences is a series: not it, but one of them is the appointment's.
      select u.id as event_id, bool_or(u.repeats) as repeats
      from private.import_staging o
      cross join lateral (values (o.event_id, false), (o.series_id, true)) u (id, repeats)
      where o.run_id = v_run.id and not o.removed and not o.missed and o.unreadable is null and u.id is not null
      group by u.id
    ) h
    join (
      select x.*, null as said, false as former, false as ended, null as cancelled_from,
        null::timestamptz as cancelled_at
      from (select * from private.live_links(v_run, v_read) union all select * from private.arrived_links(v_run)) x
      union all
      select null, x.rdv_id, x.event_id, x.calendar_id, x.epoch, x.etag, x.pushed, x.base, x.state,
        x.target_calendar_id, x.synced_at, x.applied_count, x.applied_since, x.place, x.said, x.former, true,
        x.cancelled_from, x.cancelled_at
      from private.ended_links(v_run, v_read) x -- planted: restored_unseen
    ) l on l.event_id = h.event_id
    left join private.import_staging s
      on s.run_id = v_run.id and s.event_id = h.event_id and not h.repeats
    left join public.rdv r on r.id = l.rdv_id
    left join private.open_questions(v_run) q on q.internal_id = l.rdv_id
    -- Our own write may carry the version while it left a person's change of another field.
    where case
      when l.ended and h.repeats then false
      when l.ended and s.status = 'cancelled' then exists (
        select 1 from public.sync_conflicts k
        where k.integration_id = v_run.integration_id and k.internal_id = l.rdv_id and k.external_id = l.event_id
          and k.reason = 'restored' and k.status = 'open'
      )
      when l.former then s.etag is distinct from l.etag
      else h.repeats or s.status = 'cancelled' or not l.ended and l.calendar_id <> v_run.calendar_id
        or s.etag is distinct from l.etag
        or private.staged_content(s) is distinct from l.base -- planted: every_echo
    end
  ));
end
$$;
comment on function public.import_ours(uuid, uuid) is
  'Service only: {lost, ours}: the events of ours that came back with another version than the one we know, in another '
  'calendar, or that had ended, with everything that judging them needs: OursEvent[] of sync/inbound/port.ts.';
grant execute on function public.import_ours(uuid, uuid) to service_role;

create or replace function public.import_finish(p_worker uuid, p_run uuid, p_cursor text, p_verdicts jsonb, p_options jsonb) returns jsonb
language plpgsql security definer set search_path = '' set statement_timeout = '25s'
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
        and (z.state not in ('creating', 'deleting') or exists (
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
grant execute on function public.import_finish(uuid, uuid, text, jsonb, jsonb) to service_role;

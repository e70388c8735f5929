create or replace function private.record_items(run private.import_runs, p_verdicts private.verdict[], p_overlaps jsonb)
returns void
language sql security definer set search_path = ''
as $$
  insert into public.sync_run_items
    (organisation_id, run_id, rdv_id, external_event_id, external_calendar_id, action, reason)
  select run.organisation_id, run.id, null, s.event_id, run.calendar_id, s.action, s.reason
  from private.import_staging s where s.run_id = run.id and s.action in ('create', 'update', 'cancel', 'fail')
  union all
  select run.organisation_id, run.id, v.rdv_id, v.event_id, run.calendar_id, private.action_of(v.kind),
    coalesce(v.reason, v.kind::text)
  from unnest(p_verdicts) v where v.kind not in ('echo', 'wait')
  union all
  select run.organisation_id, run.id, (o ->> 'rdvId')::uuid, o ->> 'eventId', run.calendar_id, 'conflict', 'time_overlap'
  from jsonb_array_elements(p_overlaps) o;
$$;
comment on function private.record_items(private.import_runs, private.verdict[], jsonb) is
  'Writes into the journal what a run does. p_overlaps: the answer of overlap_questions.';

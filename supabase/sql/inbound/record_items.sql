create or replace function private.record_items(
  p_run private.import_runs, p_verdicts private.verdict[], p_overlaps jsonb
)
returns void
language plpgsql security definer set search_path = ''
-- The checks of foreign keys: as in store_foreign.
set plan_cache_mode = force_generic_plan
as $$
begin
  insert into public.sync_run_items
    (organisation_id, run_id, rdv_id, external_event_id, external_calendar_id, action, reason)
  select p_run.organisation_id, p_run.id, null, s.event_id, p_run.calendar_id, s.action, s.reason
  from private.import_staging s where s.run_id = p_run.id and s.action in ('create', 'update', 'cancel', 'fail')
  union all
  select p_run.organisation_id, p_run.id, v.rdv_id, v.event_id, p_run.calendar_id, private.action_of(v.kind),
    coalesce(v.reason, v.kind::text)
  from unnest(p_verdicts) v where v.kind not in ('echo', 'wait')
  union all
  select p_run.organisation_id, p_run.id, (o ->> 'rdvId')::uuid, o ->> 'eventId', p_run.calendar_id, 'conflict',
    'time_overlap'
  from jsonb_array_elements(p_overlaps) o;
end
$$;
comment on function private.record_items(private.import_runs, private.verdict[], jsonb) is
  'Writes into the journal what a run does. p_overlaps: the answer of overlap_questions ({eventId, rdvId, title, '
  'start, end}[]).';

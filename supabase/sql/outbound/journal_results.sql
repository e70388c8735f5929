create or replace function private.journal_results(
  p_lane private.sync_lanes, p_trigger text, p_results private.job_result[]
) returns void
language plpgsql security definer set search_path = ''
as $$
declare
  v_now timestamptz := private.clock();
begin
  insert into public.sync_runs as u (
    id, organisation_id, integration_id, direction, trigger, started_at, finished_at,
    created, updated, deleted, skipped, failed, conflicts, failures
  )
  select t.run_id, p_lane.organisation_id, p_lane.integration_id, 'export', t.trigger, v_now, v_now,
    t.created, t.updated, t.deleted, t.skipped, t.failed, t.conflicts, t.failures
  from (
    select r.run_id, case when r.manual then 'manual' else p_trigger end as trigger,
      count(*) filter (where r.action = 'created')::integer as created,
      count(*) filter (where r.action = 'updated')::integer as updated,
      count(*) filter (where r.action = 'deleted')::integer as deleted,
      count(*) filter (where r.action = 'skipped')::integer as skipped,
      count(*) filter (where r.outcome = 'park')::integer as failed,
      count(r.conflict_reason)::integer as conflicts,
      coalesce(
        jsonb_agg(jsonb_build_object('rdvId', r.rdv_id, 'code', r.error ->> 'code')) filter (where r.outcome = 'park'),
        '[]'::jsonb) as failures
    from unnest(p_results) r
    where r.outcome <> 'retry'
    group by 1, 2
  ) t
  -- The journal tells what was done; a run that only looked is not news.
  where t.trigger = 'manual' or t.created + t.updated + t.deleted + t.failed + t.conflicts > 0
  on conflict (id) do update set
    created = u.created + excluded.created, updated = u.updated + excluded.updated,
    deleted = u.deleted + excluded.deleted, skipped = u.skipped + excluded.skipped,
    failed = u.failed + excluded.failed, conflicts = u.conflicts + excluded.conflicts,
    failures = case
      when jsonb_array_length(u.failures) < 500 then u.failures || excluded.failures
      else u.failures
    end,
    finished_at = excluded.finished_at;
  insert into public.sync_run_items
    (organisation_id, run_id, rdv_id, external_event_id, external_calendar_id, action, reason)
  select p_lane.organisation_id, r.run_id, r.rdv_id, l.external_event_id, l.external_calendar_id,
    case
      when r.conflict_reason is not null then 'conflict'
      when r.outcome = 'park' then 'fail'
      when r.action = 'skipped' then 'skip'
      else regexp_replace(r.action, 'd$', '')
    end,
    coalesce(r.conflict_reason, case when r.outcome = 'park' then r.error ->> 'code' else r.reason end)
  from unnest(p_results) r
  join public.sync_runs u on u.id = r.run_id
  left join lateral (
    select k.external_event_id, k.external_calendar_id from public.appointment_external_links k
    where k.rdv_id = r.rdv_id and k.integration_id is not distinct from p_lane.integration_id
    offset 0
  ) l on true
  where r.outcome <> 'retry' and (r.action <> 'skipped' or r.manual or r.conflict_reason is not null);
end
$$;
comment on function private.journal_results(private.sync_lanes, text, private.job_result[]) is
  'Counts what came to its end in the run that asked for it, or in the worker''s own (p_trigger), item by item.';

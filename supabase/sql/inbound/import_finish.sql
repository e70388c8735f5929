create or replace function public.import_finish(
  p_worker uuid, p_run uuid, p_cursor text, p_verdicts jsonb, p_unchecked integer
) returns jsonb
language plpgsql security definer set search_path = '' set statement_timeout = '25s'
set plan_cache_mode = force_generic_plan set enable_seqscan = off
as $$
declare
  v_run private.import_runs := private.leased_run(p_worker, p_run, true);
  v_integration public.calendar_integrations;
  v_request private.import_requests;
  v_judged private.verdict[] := array(select v from jsonb_populate_recordset(null::private.verdict, p_verdicts) v);
  v_done private.verdict[];
  v_tally private.import_tally;
  v_followed text;
  v_others boolean;
  v_staged integer;
  v_quiet boolean;
  v_held boolean := false;
  v_overlaps jsonb := '[]'::jsonb;
  v_asked uuid[];
  v_conflicts jsonb := '[]'::jsonb;
  v_next timestamptz;
  v_told boolean;
  v_result jsonb := '{"lost": false, "mismatch": false, "held": false, "fingerprint": "", "failures": [],
    "conflicts": [], "items": [], "againInMs": null, "summary": {"created": 0, "updated": 0, "skipped": 0,
    "cancelled": 0, "failed": 0, "conflicts": 0}}'::jsonb;
begin
  if v_run.id is null then
    return v_result || '{"lost": true}'::jsonb;
  end if;
  select * into v_integration from public.calendar_integrations i where i.id = v_run.integration_id;
  select * into v_request from private.import_requests q where q.run_id = v_run.id;
  v_followed := private.follows(v_integration, v_run.calendar_id);
  v_others := v_run.trigger = 'manual' or coalesce(v_followed, 'source') = 'source';
  if v_integration.disconnected_at is not null or (v_run.trigger <> 'manual' and v_followed is null) then
    perform private.end_import(v_run.integration_id, v_run.calendar_id,
      'NOT_CONNECTED', null, private.next_poll(v_run));
    -- A run of the schedule that did nothing is not the last import that its person sees.
    delete from public.sync_runs r where r.id = v_run.id and r.trigger <> 'manual';
    return v_result || '{"lost": true}'::jsonb;
  elsif private.staging_lost(v_run) then
    perform private.end_import(v_run.integration_id, v_run.calendar_id, 'IMPORT_FAILED', null, private.clock());
    return v_result || '{"lost": true}'::jsonb;
  end if;

  -- Events of others are decided here, in sets; about ours it is decided already.
  select count(*) into v_staged from private.import_staging s where s.run_id = v_run.id;
  perform private.plan_for(v_staged);
  if v_staged > 0 then
    perform private.end_occurrences(v_run);
    perform private.decide_foreign(v_run, v_judged, v_others);
    if v_run.mode = 'import' then
      perform private.forget_private_events(v_run);
    end if;
  end if;
  if v_run.trigger = 'manual' then
    v_result := v_result
      || jsonb_build_object('fingerprint', private.change_fingerprint(v_run, v_judged, p_unchecked));
  end if;

  -- An import that follows a preview does what that showed, or nothing.
  if v_run.mode = 'import' and v_request.fingerprint <> v_result ->> 'fingerprint' then
    v_result := v_result || '{"mismatch": true}'::jsonb;
    perform private.end_import(
      v_run.integration_id, v_run.calendar_id, 'PREVIEW_OUTDATED', null, private.poll_as_before(v_run), v_result);
    return v_result;
  end if;

  v_tally := private.count_staged(v_run, 0);
  -- Most readings find nothing, or what we have written ourselves: such a run is not kept. What a run left as it was is
  -- counted only for the person who asked for it.
  v_done := v_judged;
  v_quiet := v_run.trigger <> 'manual' and cardinality(v_judged) + p_unchecked + v_tally.created + v_tally.updated
    + v_tally.cancelled + v_tally.failed = 0;
  if not v_quiet then
    select * into v_held, v_done, v_conflicts from private.bound_changes(v_run, v_judged, p_unchecked);
    v_tally := private.count_staged(v_run,
      case v_run.trigger when 'manual' then private.known_events(v_run) else 0 end);
  end if;

  -- A preview tells; an import does it, and only what nothing has moved under since.
  if v_others then
    v_overlaps := private.overlap_questions(v_run);
    v_tally.questions := private.overlap_count(v_overlaps);
  end if;
  if v_run.mode = 'import' then
    v_done := private.apply_verdicts(v_run, v_done);
  end if;
  v_result := v_result || jsonb_build_object(
    'held', v_held, 'summary', private.import_summary(v_tally, v_done, v_held),
    'failures', private.import_failures(v_run, v_tally),
    'items', private.import_items(v_run, case when v_held then v_judged else v_done end, v_overlaps, v_held,
      v_request.items_limit)
  );
  if v_run.mode = 'preview' then
    v_conflicts := private.conflicts_to_come(v_done, v_overlaps, v_held);
  else
    if v_staged > 0 and (v_overlaps <> '[]'::jsonb or not v_quiet) then
      perform private.record_items(v_run, v_done, v_overlaps);
    end if;
    perform private.apply_foreign(v_run, v_integration, v_tally, v_others);
    v_asked := private.ask_overlaps(v_run, v_overlaps);
    perform private.review_overlaps(v_run);
    v_conflicts := v_conflicts || private.asked_conflicts(v_run, v_done, v_asked);
    perform private.mark_revisits(v_run, v_judged, v_tally, v_followed is not null);
  end if;
  if v_run.mode = 'import' and not v_held then
    perform private.close_mass_changes(v_run);
    perform private.judge_channel(v_run, v_tally, v_done);
  end if;
  v_next := case v_run.mode when 'import' then private.next_poll(v_run) else private.poll_as_before(v_run) end;
  v_result := v_result || jsonb_build_object('conflicts', v_conflicts, 'againInMs', private.ms_until(v_next));
  perform private.journal_run(v_run, v_result -> 'summary', v_result -> 'failures');
  v_told := private.end_import(
    v_run.integration_id, v_run.calendar_id, case when v_held and v_run.mode = 'import' then 'MASS_CHANGE' end,
    case when not v_held and v_run.mode = 'import' then p_cursor end,
    v_next, v_result);
  return case when v_told then v_result || '{"againInMs": 0}'::jsonb else v_result end;
end
$$;
comment on function public.import_finish(uuid, uuid, text, jsonb, integer) is
  'Service only: decides, applies and stores the cursor in one transaction; a preview does the first and nothing '
  'else. p_verdicts: private.verdict[] as JSON. p_unchecked: how many missing events were not asked after, for they '
  'are too many. Gives ImportResult of sync/inbound/port.ts.';
grant execute on function public.import_finish(uuid, uuid, text, jsonb, integer) to service_role;

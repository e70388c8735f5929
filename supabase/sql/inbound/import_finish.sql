create or replace function public.import_finish(
  p_worker uuid, p_run uuid, p_cursor text, p_verdicts jsonb, p_unchecked integer
) returns jsonb
language plpgsql security definer set search_path = '' set statement_timeout = '25s'
as $$
declare
  run private.import_runs := private.leased_run(p_worker, p_run);
  integration public.calendar_integrations;
  request private.import_requests;
  judged private.verdict[] := array(select v from jsonb_populate_recordset(null::private.verdict, p_verdicts) v);
  done private.verdict[];
  tally private.import_tally;
  v_followed text;
  v_others boolean;
  v_fingerprint text;
  v_decision text;
  v_held boolean := false;
  v_overlaps jsonb := '[]'::jsonb;
  v_asked uuid[];
  v_conflicts jsonb := '[]'::jsonb;
  v_result jsonb := '{"lost": false, "mismatch": false, "held": false, "fingerprint": "", "failures": [], "conflicts": [],
    "items": [], "summary": {"created": 0, "updated": 0, "skipped": 0, "cancelled": 0, "failed": 0, "conflicts": 0}}';
begin
  if run.id is null then
    return v_result || '{"lost": true}';
  end if;
  select * into integration from public.calendar_integrations i where i.id = run.integration_id;
  select * into request from private.import_requests q where q.run_id = run.id;
  v_followed := private.follows(integration, run.calendar_id);
  v_others := run.trigger = 'manual' or coalesce(v_followed, 'source') = 'source';
  if integration.disconnected_at is not null or (run.trigger <> 'manual' and v_followed is null) then
    perform private.end_import(run.integration_id, run.calendar_id, 'NOT_CONNECTED', null, private.next_poll(run));
    -- A run of the schedule that did nothing is not the last import that its person sees.
    delete from public.sync_runs r where r.id = run.id and r.trigger <> 'manual';
    return v_result || '{"lost": true}';
  elsif private.staging_lost(run) then
    perform private.end_import(run.integration_id, run.calendar_id, 'IMPORT_FAILED', null, private.clock());
    return v_result || '{"lost": true}';
  end if;

  -- Events of others are decided here, in sets; about ours it is decided already.
  perform private.decide_foreign(run, v_others);
  if run.mode = 'import' then
    perform private.forget_private_events(run);
  end if;
  v_fingerprint := private.change_fingerprint(run, judged, p_unchecked);
  v_result := v_result || jsonb_build_object('fingerprint', v_fingerprint);

  -- An import that follows a preview does what that showed, or nothing.
  if run.mode = 'import' and request.fingerprint <> v_fingerprint then
    v_result := v_result || '{"mismatch": true}';
    perform private.end_import(
      run.integration_id, run.calendar_id, 'PREVIEW_OUTDATED', null, private.poll_as_before(run), v_result);
    return v_result;
  end if;

  -- Too much at once waits for a person's decision about this very change.
  done := judged;
  tally := private.count_staged(run);
  if private.is_mass_change(run, judged, p_unchecked, tally.known) then
    v_decision := private.mass_decision(run, v_fingerprint);
    if v_decision is null then
      v_held := true;
    elsif v_decision = 'keep_calendar' then
      perform private.believe_missing(run, p_unchecked);
    else
      perform private.refuse_changes(run, judged, v_decision);
      done := '{}';
    end if;
    tally := private.count_staged(run);
  end if;

  -- A preview tells; an import does it, and only what nothing has moved under since.
  if not v_held and v_others then
    v_overlaps := private.overlap_questions(run);
    tally.questions := private.overlap_count(v_overlaps);
  end if;
  if not v_held and run.mode = 'import' then
    done := private.apply_verdicts(run, done);
  end if;
  v_result := v_result || jsonb_build_object(
    'held', v_held, 'summary', private.import_summary(tally, done, v_held), 'failures', private.import_failures(run, tally),
    'items', private.import_items(run, done, v_overlaps, v_held, coalesce(request.items_limit, 0))
  );
  if run.mode = 'preview' then
    v_conflicts := private.conflicts_to_come(done, v_overlaps, v_held);
  elsif v_held then
    v_conflicts := private.ask_mass_change(run, judged, v_fingerprint, tally.known, p_unchecked);
  else
    perform private.record_items(run, done, v_overlaps);
    perform private.apply_foreign(run, integration, tally, v_others);
    v_asked := private.ask_overlaps(run, v_overlaps);
    perform private.review_overlaps(run);
    perform private.close_mass_changes(run);
    v_conflicts := private.asked_conflicts(run, done, v_asked);
    perform private.mark_revisits(run, judged, v_followed is not null);
    perform private.mark_silent_channels(run, tally, done);
    perform private.note_reading(run, v_others);
  end if;
  v_result := v_result || jsonb_build_object('conflicts', v_conflicts);
  perform private.count_run(run.id, v_result -> 'summary', v_result -> 'failures');
  perform private.end_import(
    run.integration_id, run.calendar_id, case when v_held and run.mode = 'import' then 'MASS_CHANGE' end,
    case when not v_held and run.mode = 'import' then p_cursor end,
    case run.mode when 'import' then private.next_poll(run) else private.poll_as_before(run) end, v_result);
  if run.mode = 'import' and not v_held then
    perform private.forget_idle_run(run.id);
  end if;
  return v_result;
end
$$;
comment on function public.import_finish(uuid, uuid, text, jsonb, integer) is
  'Service only: decides, applies and stores the cursor in one transaction; a preview does the first and nothing else. '
  'p_verdicts: private.verdict[] as JSON. p_unchecked: how many missing events were not asked after, for they are too many. '
  'Gives ImportResult of sync/inbound/port.ts.';
grant execute on function public.import_finish(uuid, uuid, text, jsonb, integer) to service_role;

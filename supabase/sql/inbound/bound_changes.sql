create or replace function private.bound_changes(
  p_run private.import_runs, p_judged private.verdict[], p_unchecked integer,
  out held boolean, out done private.verdict[], out asked jsonb
)
language plpgsql security definer set search_path = ''
as $$
declare
  v_mass text;
  v_decision text;
begin
  held := false;
  done := p_judged;
  asked := '[]'::jsonb;
  if not private.is_mass_change(p_run, p_judged, p_unchecked) then
    return;
  end if;
  v_mass := private.mass_fingerprint(p_run, p_judged, p_unchecked);
  v_decision := private.mass_decision(p_run, v_mass);
  if v_decision = 'keep_calendar' then
    perform private.believe_missing(p_run, p_unchecked);
    return;
  end if;
  -- What counts for nothing is certain.
  done := array(select v from unnest(p_judged) v where v.weight is null);
  if v_decision is not null then
    perform private.refuse_changes(p_run, p_judged, v_decision);
    return;
  end if;
  held := true;
  if p_run.mode = 'import' then
    asked := private.ask_mass_change(p_run, p_judged, v_mass, p_unchecked);
  end if;
  perform private.hold_changes(p_run);
end
$$;
comment on function private.bound_changes(private.import_runs, private.verdict[], integer) is
  'Too much at once waits for a person''s decision about this very change; what else there is comes in. done: the '
  'verdicts to be carried out. asked: the question, [{id, reason, externalId, rdvId}].';

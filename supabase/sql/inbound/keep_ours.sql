create or replace function private.keep_ours(p_run private.import_runs, p_verdicts private.verdict[], p_action text)
returns void
language plpgsql security definer set search_path = ''
as $$
begin
  if p_action = 'keep_cassius' then
    perform private.push_again(
      p_run.integration_id, array(select v.rdv_id from unnest(p_verdicts) v where v.weight is not null), 'change');
  end if;
  update public.appointment_external_links l set
    external_event_id = v.event_id, external_calendar_id = v.calendar_id, etag = nullif(v.etag, ''), updated_at = now()
  from unnest(p_verdicts) v
  where l.integration_id = p_run.integration_id and l.rdv_id = v.rdv_id and v.weight is not null;
  update private.link_states s set
    state = case
      when v.observed is not null then s.state
      when p_action = 'keep_cassius' then 'gone'::private.link_state
      else 'detached'
    end,
    -- Of the description only our part counts as sent: its owner's lines are never taken for ours.
    pushed = case
      when p_action = 'keep_cassius' then coalesce(
        v.observed || jsonb_build_object('description', coalesce(s.pushed ->> 'description', '')), s.pushed)
      else s.pushed
    end,
    base = coalesce(v.observed, s.base),
    place = v.place,
    target_calendar_id = v.target_calendar_id,
    updated_at = now()
  from unnest(p_verdicts) v
  join public.appointment_external_links l on l.integration_id = p_run.integration_id and l.rdv_id = v.rdv_id
  where s.link_id = l.id and v.weight is not null;
end
$$;
comment on function private.keep_ours(private.import_runs, private.verdict[], text) is
  'After a refused mass change: our events are written again as they are here, or left as they are there.';

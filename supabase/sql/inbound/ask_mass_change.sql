create or replace function private.ask_mass_change(
  p_run private.import_runs, p_verdicts private.verdict[], p_fingerprint text, p_unchecked integer
) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_sample jsonb;
begin
  update public.sync_conflicts k set status = 'resolved', resolution = 'vanished', resolved_at = private.clock()
  where k.integration_id = p_run.integration_id and k.reason = 'mass_change' and k.status = 'open'
    and k.payload ->> 'calendarId' = p_run.calendar_id and k.payload ->> 'fingerprint' <> p_fingerprint;
  if private.mass_question(p_run) is not null then
    return private.mass_question(p_run);
  end if;
  select coalesce(jsonb_agg(q.one), '[]'::jsonb) into v_sample
  from (
    select jsonb_build_object(
      'eventId', e.external_event_id, 'summary', e.summary, 'start', e.start_at, 'end', e.end_at,
      'action', s.action) as one
    from private.weighty_changes(p_run) s
    join public.external_events e on e.organisation_id = p_run.organisation_id
      and e.external_calendar_id = p_run.calendar_id and e.external_event_id = s.event_id
    order by e.start_at limit 10
  ) q;
  perform private.open_conflict(p_run.integration_id, 'event', null, null, 'mass_change', jsonb_build_object(
    'calendarId', p_run.calendar_id, 'fingerprint', p_fingerprint, 'known', private.known_events(p_run),
    'unchecked', p_unchecked, 'sample', v_sample,
    'cancelled', p_unchecked
      + (select count(*) from private.weighty_changes(p_run) w where w.action = 'cancel')
      + (select count(*) from unnest(p_verdicts) v where v.weight = 'gone'),
    'moved', (select count(*) from private.weighty_changes(p_run) w where w.action = 'update')
      + (select count(*) from unnest(p_verdicts) v where v.weight = 'moved')
  ));
  return private.mass_question(p_run);
end
$$;
comment on function private.ask_mass_change(private.import_runs, private.verdict[], text, integer) is
  'Asks a person about a change of too much at once, unless this very one is asked about already. Payload: '
  '{calendarId, fingerprint, known, unchecked, cancelled, moved, sample: [{eventId, summary, start, end, action}]}. '
  'Gives the open question: [{id, reason, externalId, rdvId}].';

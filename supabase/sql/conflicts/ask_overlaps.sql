create or replace function private.ask_overlaps(p_run private.import_runs, p_questions jsonb) returns uuid[]
language plpgsql security definer set search_path = ''
as $$
declare
  v_all constant boolean := private.overlap_count(p_questions) < jsonb_array_length(p_questions);
  v_asked uuid[];
begin
  if jsonb_array_length(p_questions) = 0 then
    return '{}'::uuid[];
  end if;
  insert into public.sync_conflicts
    (organisation_id, user_id, integration_id, source, entity_type, external_id, reason, payload)
  select distinct i.organisation_id, i.user_id, i.id, i.provider, 'event', case when not v_all then q ->> 'eventId' end,
    'time_overlap', jsonb_build_object('calendarId', p_run.calendar_id)
  from public.calendar_integrations i cross join jsonb_array_elements(p_questions) q
  where i.id = p_run.integration_id
  on conflict (integration_id, (payload ->> 'calendarId'), (coalesce(external_id, '')))
    where status = 'open' and reason = 'time_overlap' do nothing;
  with asked as (
    insert into private.overlap_pairs as p (conflict_id, event_id, rdv_id, key)
    select k.id, q ->> 'eventId', (o ->> 'rdvId')::uuid, o ->> 'key'
    from jsonb_array_elements(p_questions) q
    cross join lateral jsonb_array_elements(q -> 'pairs') o
    join public.sync_conflicts k on k.integration_id = p_run.integration_id and k.status = 'open'
      and k.reason = 'time_overlap' and k.payload ->> 'calendarId' = p_run.calendar_id
      and coalesce(k.external_id, '') = case when v_all then '' else q ->> 'eventId' end
    on conflict (conflict_id, event_id, rdv_id) do update set key = excluded.key
    returning p.conflict_id
  )
  select coalesce(array_agg(distinct a.conflict_id), '{}') into v_asked from asked a;
  perform private.show_overlaps(v_asked);
  return v_asked;
end
$$;
comment on function private.ask_overlaps(private.import_runs, jsonb) is
  'Asks what overlap_questions found (p_questions: {eventId, rdvId, pairs}[], its answer): in the open question about '
  'the event, or in one about all of them where there are more than fifty events. Gives the questions.';

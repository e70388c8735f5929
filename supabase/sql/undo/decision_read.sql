create or replace function public.decision_read(p_organisation uuid, p_user uuid, p_id uuid) returns jsonb
language plpgsql stable security definer set search_path = '' set statement_timeout = '8s'
as $$
declare
  v_question constant jsonb := public.conflict_read(p_organisation, p_user, p_id);
begin
  return v_question || (
    select jsonb_build_object(
      'rdvId', k.internal_id, 'linkEventId', l.external_event_id,
      'decision', case when d.conflict_id is not null then jsonb_build_object(
        'payload', d.payload, 'link', d.link, 'former', d.former
      ) end
    )
    from public.sync_conflicts k
    left join private.decisions d on d.conflict_id = k.id
    left join public.appointment_external_links l
      on k.entity_type = 'appointment' and l.integration_id = k.integration_id and l.rdv_id = k.internal_id
    where k.id = p_id
  );
end
$$;
comment on function public.decision_read(uuid, uuid, uuid) is
  'Service only: the answer of conflict_read with what was decided about it: DecidedQuestion of '
  'sync/inbound/undo_decision.ts. decision: null where it is not kept, or no longer.';
grant execute on function public.decision_read(uuid, uuid, uuid) to service_role;

create or replace function private.is_unmoved(
  p_question public.sync_conflicts, p_link uuid, p_event uuid, p_settlement private.settlement
) returns boolean
language sql stable security definer set search_path = ''
as $$
  select p_question.status = 'open' and p_question.updated_at = p_settlement.question_updated_at
    and p_settlement.rdv_updated_at is not distinct from (
      select r.updated_at from public.rdv r
      where r.id = p_question.internal_id and r.organisation_id = p_question.organisation_id
    )
    and p_settlement.event_updated_at is not distinct from (
      select e.updated_at from public.external_events e where e.id = p_event
    )
    and (p_link is not null or p_settlement.epoch is null) and (p_link is null or exists (
      select 1 from public.appointment_external_links l
      join private.link_states s on s.link_id = l.id
      where l.id = p_link and l.epoch = p_settlement.epoch and l.etag is not distinct from p_settlement.link_etag
        and s.state = p_settlement.link_state
    ));
$$;
comment on function private.is_unmoved(public.sync_conflicts, uuid, uuid, private.settlement) is
  'Whether question, appointment, link and event are all as they were when the settlement was decided.';

create or replace function private.is_unmoved(
  question public.sync_conflicts, p_link uuid, p_event uuid, settlement private.settlement
) returns boolean
language sql stable security definer set search_path = ''
as $$
  select question.status = 'open' and question.updated_at = settlement.question_updated_at
    and settlement.rdv_updated_at is not distinct from (
      select r.updated_at from public.rdv r
      where r.id = question.internal_id and r.organisation_id = question.organisation_id
    )
    and settlement.event_updated_at is not distinct from (
      select e.updated_at from public.external_events e where e.id = p_event
    )
    and (p_link is not null or settlement.epoch is null) and (p_link is null or exists (
      select 1 from public.appointment_external_links l
      join private.link_states s on s.link_id = l.id
      where l.id = p_link and l.epoch = settlement.epoch and l.etag is not distinct from settlement.link_etag
        and s.state = settlement.link_state
    ));
$$;
comment on function private.is_unmoved(public.sync_conflicts, uuid, uuid, private.settlement) is
  'Whether question, appointment, link and event are all as they were when the settlement was decided.';

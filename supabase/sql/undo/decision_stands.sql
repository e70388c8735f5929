create or replace function private.decision_stands(p_question public.sync_conflicts, p_decision private.decisions)
returns boolean
language sql stable security definer set search_path = ''
as $$
  select not exists (
    select from jsonb_array_elements(p_decision.appointments) a
    left join public.rdv r on r.id = (a ->> 'id')::uuid and r.organisation_id = p_question.organisation_id
    where r.updated_at is distinct from (a ->> 'version')::timestamptz -- planted: undo_overwrites
  ) and not exists (
    select from public.sync_conflicts k
    where k.integration_id = p_question.integration_id and k.status = 'open' and k.id <> p_question.id
      and case when p_question.reason in ('mass_change', 'time_overlap')
        then k.reason = p_question.reason and k.external_id is not distinct from p_question.external_id
          and k.payload ->> 'calendarId' = p_question.payload ->> 'calendarId'
        else k.reason <> 'time_overlap' and k.internal_id = p_question.internal_id
      end
  );
$$;
comment on function private.decision_stands(public.sync_conflicts, private.decisions) is
  'Whether the appointments are as the decision left them, and nothing else has been asked about them since.';

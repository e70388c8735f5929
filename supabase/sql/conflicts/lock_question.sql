create or replace function private.lock_question(
  p_organisation uuid, p_user uuid, p_id uuid
) returns public.sync_conflicts
language plpgsql security definer set search_path = ''
as $$
declare
  v_question public.sync_conflicts;
begin
  select * into v_question from public.sync_conflicts k
  where k.id = p_id and k.organisation_id = p_organisation and private.is_member(p_organisation, p_user);
  -- Appointments come before everything else that is locked, as everywhere; the question only says which.
  perform 1 from public.rdv r
  where r.organisation_id = p_organisation and (
    r.id = v_question.internal_id
      or r.id in (select p.rdv_id from private.overlap_pairs p where p.conflict_id = v_question.id)
  )
  order by r.id for update;
  -- Then their queue rows, of every connection that shows them: a worker that completes a push takes them before link
  -- and question.
  perform 1 from private.sync_outbox o
  where o.integration_id in (select i.id from public.calendar_integrations i where i.organisation_id = p_organisation)
    and (
      o.rdv_id = v_question.internal_id
      or o.rdv_id in (select p.rdv_id from private.overlap_pairs p where p.conflict_id = v_question.id)
    )
  order by o.integration_id, o.rdv_id for update;
  select * into v_question from public.sync_conflicts k where k.id = v_question.id for update;
  return v_question;
end
$$;
comment on function private.lock_question(uuid, uuid, uuid) is
  'A question of a member''s practice, locked after the appointments that it is about and their queue rows; a row of '
  'nulls if there is none.';

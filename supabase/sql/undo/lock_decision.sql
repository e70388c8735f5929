create or replace function private.lock_decision(
  p_organisation uuid, p_user uuid, p_id uuid
) returns public.sync_conflicts
language plpgsql security definer set search_path = ''
as $$
declare
  v_question public.sync_conflicts;
  v_rdvs uuid[] := array(
    select (a ->> 'id')::uuid from private.decisions d cross join jsonb_array_elements(d.appointments) a
    where d.conflict_id = p_id
  );
begin
  -- As lock_question: appointments, their queue rows, the question; those that the decision made too.
  perform 1 from public.rdv r where r.organisation_id = p_organisation and r.id = any (v_rdvs) order by r.id for update;
  perform 1 from private.sync_outbox o
  where o.integration_id in (select i.id from public.calendar_integrations i where i.organisation_id = p_organisation)
    and o.rdv_id = any (v_rdvs)
  order by o.integration_id, o.rdv_id for update;
  select * into v_question from public.sync_conflicts k
  where k.id = p_id and k.organisation_id = p_organisation and private.is_member(p_organisation, p_user)
  for update;
  return v_question;
end
$$;
comment on function private.lock_decision(uuid, uuid, uuid) is
  'A question of a member''s practice, locked after everything that the decision about it changed; a row of nulls if '
  'there is none.';

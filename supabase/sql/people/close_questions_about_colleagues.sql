create or replace function private.close_questions_about_colleagues(
  p_connection public.calendar_integrations
) returns void
language plpgsql security definer set search_path = ''
as $$
declare
  v_deleted uuid[];
begin
  with closed as (
    update public.sync_conflicts k
      set status = 'resolved', resolution = 'vanished', resolved_at = private.clock()
      where k.organisation_id = p_connection.organisation_id and k.integration_id = p_connection.id
        and k.status = 'open'
        and k.entity_type = 'appointment' and k.internal_id is not null
        and not exists (
          select from public.rdv r
          join public.organisation_members m on m.organisation_id = r.organisation_id and m.id = r.practitioner_id
          where r.organisation_id = p_connection.organisation_id and r.id = k.internal_id
            and m.user_id = p_connection.user_id
        )
      returning k.internal_id, k.reason
  )
  select array_agg(c.internal_id) filter (where c.reason = 'deleted') into v_deleted from closed c;
  -- It is not asked any more whether these events stay deleted, so a later scope may make them again.
  perform private.set_link(l.id, jsonb_populate_record(null::private.settled_link, '{"state": "gone"}'), false)
    from public.appointment_external_links l
    join private.link_states s on s.link_id = l.id and s.state = 'detached'
    where l.integration_id = p_connection.id and l.rdv_id = any (v_deleted);
end
$$;
comment on function private.close_questions_about_colleagues(public.calendar_integrations) is
  'Closes the open conflicts of an integration about appointments that are not its own person''s.';

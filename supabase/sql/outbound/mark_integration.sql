create or replace function private.mark_integration(p_integration uuid, p_everything boolean) returns integer
language plpgsql security definer set search_path = ''
as $$
declare
  v_connection public.calendar_integrations;
  v_rdvs uuid[];
begin
  select * into v_connection from public.calendar_integrations where id = p_integration;
  if not found or v_connection.disconnected_at is not null or not v_connection.export_enabled then
    return 0;
  end if;
  select array_agg(distinct q.rdv_id) into v_rdvs
  from (
    select l.rdv_id
    from public.appointment_external_links l
    join private.link_states s on s.link_id = l.id
    where l.integration_id = v_connection.id and private.has_event(s.state)
    union all
    select o.rdv_id from private.sync_outbox o
    where o.integration_id = v_connection.id and o.parked_at is null -- planted: template_on_its_way
    union all
    select r.id
    from public.rdv r
    left join public.organisation_members m on m.organisation_id = r.organisation_id and m.id = r.practitioner_id
    where p_everything and r.organisation_id = v_connection.organisation_id and r.starts_at >= v_connection.export_from
      and (v_connection.scope = 'organisation' or m.user_id = v_connection.user_id)
  ) q;
  if v_rdvs is null then
    return 0;
  end if;
  return private.enqueue(array_fill(v_connection.id, array[cardinality(v_rdvs)]), v_rdvs, v_connection.organisation_id,
    'change', null);
end
$$;
comment on function private.mark_integration(uuid, boolean) is
  'Marks every event of an integration dirty, those that are on their way too, and, on request, every appointment '
  'that it covers from export_from on.';

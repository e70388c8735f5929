create or replace function private.resume_erasures(p_integration uuid) returns void
language plpgsql security definer set search_path = ''
as $$
declare
  v_connection record;
begin
  for v_connection in
    select i.id, i.organisation_id, i.provider, array_agg(l.rdv_id) as rdvs
    from private.link_states s
    join public.appointment_external_links l on l.id = s.link_id
    join public.calendar_integrations i on i.id = l.integration_id
    left join private.sync_outbox o on o.integration_id = l.integration_id and o.rdv_id = l.rdv_id
    where s.erase_since is not null and i.disconnected_at is null and (p_integration is null or i.id = p_integration)
      and (o.rdv_id is null or o.parked_at < private.clock() - interval '20 hours')
    group by i.id order by i.id
  loop
    perform private.enqueue(array_fill(v_connection.id, array[cardinality(v_connection.rdvs)]), v_connection.rdvs,
      v_connection.organisation_id, 'change', null);
    perform private.nudge(v_connection.provider);
  end loop;
end
$$;
comment on function private.resume_erasures(uuid) is
  'Queues events of erased patients again: after reconnecting, after the export was switched off, and every night '
  'what was refused.';

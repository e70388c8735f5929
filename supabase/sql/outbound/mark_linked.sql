create or replace function private.mark_linked(p_rdvs uuid[]) returns void
language plpgsql security definer set search_path = ''
as $$
declare
  v_dirty record;
  v_providers text[] := '{}'::text[];
begin
  for v_dirty in
    select x.organisation_id, array_agg(x.integration_id) as integrations, array_agg(x.rdv_id) as rdvs,
      array_agg(distinct i.provider) as providers
    from (
      select l.organisation_id, l.integration_id, l.rdv_id
      from public.appointment_external_links l
      join private.link_states s on s.link_id = l.id and private.has_event(s.state)
      where l.rdv_id = any (p_rdvs)
      union
      select o.organisation_id, o.integration_id, o.rdv_id
      from public.rdv r
      join public.calendar_integrations c on c.organisation_id = r.organisation_id
      join private.sync_outbox o on o.integration_id = c.id and o.rdv_id = r.id and o.parked_at is null
      where r.id = any (p_rdvs) -- planted: renamed_on_its_way
    ) x
    join public.calendar_integrations i on i.id = x.integration_id and i.export_enabled and i.disconnected_at is null
    group by x.organisation_id
  loop
    perform private.enqueue(v_dirty.integrations, v_dirty.rdvs, v_dirty.organisation_id, 'change', null);
    v_providers := v_providers || private.running(v_dirty.organisation_id, v_dirty.providers);
  end loop;
  perform private.nudge(p) from (select distinct x.p from unnest(v_providers) as x (p)) d;
end
$$;
comment on function private.mark_linked(uuid[]) is
  'Marks the events of these appointments dirty, wherever they have one or are about to.';

create or replace function private.mark_updated_rdv() returns trigger
language plpgsql security definer set search_path = ''
as $$
declare
  v_dirty record;
  v_providers text[] := '{}'::text[];
begin
  for v_dirty in
    select n.organisation_id, array_agg(i.id) as integrations, array_agg(n.id) as rdvs,
      array_agg(distinct i.provider) as providers
    from new_rows n
    join old_rows o on o.id = n.id
    join public.calendar_integrations i
      on i.organisation_id = n.organisation_id and i.export_enabled and i.disconnected_at is null
    where (o.practitioner_id, o.patient_id, o.type, o.act, o.notes, o.location, o.starts_at, o.ends_at, o.status,
      o.source)
        is distinct from
          (n.practitioner_id, n.patient_id, n.type, n.act, n.notes, n.location, n.starts_at, n.ends_at, n.status,
            n.source)
      and (
        i.scope = 'organisation'
        or exists (
          select 1 from public.organisation_members m
          where m.id in (o.practitioner_id, n.practitioner_id) and m.organisation_id = n.organisation_id
            and m.user_id = i.user_id
        )
        or exists (
          select 1 from public.appointment_external_links l where l.integration_id = i.id and l.rdv_id = n.id
        )
      )
    group by n.organisation_id
  loop
    perform private.enqueue(v_dirty.integrations, v_dirty.rdvs, v_dirty.organisation_id, 'change', null);
    v_providers := v_providers || private.running(v_dirty.organisation_id, v_dirty.providers);
  end loop;
  perform private.nudge(p) from (select distinct x.p from unnest(v_providers) as x (p)) d;
  return null;
end
$$;
comment on function private.mark_updated_rdv() is
  'Statement trigger: what an event shows changed, so the integrations of the old and the new row are dirty.';

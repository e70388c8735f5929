create or replace function private.mark_deleted_rdv() returns trigger
language plpgsql security definer set search_path = ''
as $$
declare
  v_dirty record;
  v_providers text[] := '{}'::text[];
begin
  for v_dirty in
    select o.organisation_id, array_agg(i.id) as integrations, array_agg(o.id) as rdvs,
      array_agg(distinct i.provider) filter (where x.linked) as providers
    from old_rows o
    join public.calendar_integrations i
      on i.organisation_id = o.organisation_id and i.export_enabled and i.disconnected_at is null
    cross join lateral (
      select
        exists (select 1 from public.appointment_external_links l
          where l.integration_id = i.id and l.rdv_id = o.id) as linked,
        -- It may be on its way this very moment: the version that its worker read must not count any more.
        exists (select 1 from private.sync_outbox q where q.integration_id = i.id and q.rdv_id = o.id) as waits
    ) x
    where x.linked or x.waits -- planted: deleted_on_its_way
    group by o.organisation_id
  loop
    perform private.enqueue(v_dirty.integrations, v_dirty.rdvs, v_dirty.organisation_id, 'change', null);
    v_providers := v_providers || private.running(v_dirty.organisation_id, v_dirty.providers);
  end loop;
  perform private.nudge(p) from (select distinct x.p from unnest(v_providers) as x (p)) d;
  return null;
end
$$;
comment on function private.mark_deleted_rdv() is
  'Statement trigger: a deleted appointment is dirty wherever it has an event, or is about to have one.';

create or replace function private.mark_inserted_rdv() returns trigger
language plpgsql security definer set search_path = ''
as $$
declare
  v_now timestamptz := private.clock();
  v_providers text[];
begin
  with marked as (
    insert into private.sync_outbox as o (integration_id, rdv_id, organisation_id, next_attempt_at, dirty_since)
    select i.id, n.id, n.organisation_id, v_now, v_now
    from new_rows n
    join public.calendar_integrations i
      on i.organisation_id = n.organisation_id and i.export_enabled and i.disconnected_at is null
    left join public.organisation_members m on m.organisation_id = n.organisation_id and m.id = n.practitioner_id
    where i.scope = 'organisation' or m.user_id = i.user_id
    order by i.id, n.id
    on conflict (integration_id, rdv_id) do update set
      version = excluded.version, next_attempt_at = excluded.next_attempt_at,
      attempts = 0, first_failed_at = null, parked_at = null, last_error_code = null
    returning o.integration_id
  )
  select array_agg(distinct i.provider) into v_providers
  from public.calendar_integrations i
  where i.id in (select k.integration_id from marked k) and private.paused(i.organisation_id, i.provider) is null;
  perform private.nudge(p) from unnest(v_providers) p;
  return null;
end
$$;
comment on function private.mark_inserted_rdv() is
  'Statement trigger: new appointments are dirty for the integrations that cover them; one nudge a statement.';

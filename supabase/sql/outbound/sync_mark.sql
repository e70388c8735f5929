create or replace function public.sync_mark(
  p_organisation uuid, p_user uuid, p_provider text, p_from timestamptz, p_to timestamptz
)
returns jsonb
language plpgsql security definer set search_path = '' set statement_timeout = '20s'
as $$
declare
  v_connection public.calendar_integrations := private.integration_for_sync(p_organisation, p_user, p_provider);
  v_run uuid := private.begin_manual_run(v_connection);
  v_from timestamptz;
  v_rdvs uuid[];
begin
  if v_connection.export_enabled then
    select coalesce(p_from, date_trunc('day', private.clock() at time zone g.timezone) at time zone g.timezone)
    into v_from
    from public.organisations g where g.id = v_connection.organisation_id;
    select array_agg(q.rdv_id) into v_rdvs
    from (
      select r.id as rdv_id
      from public.rdv r
      left join public.organisation_members m on m.organisation_id = r.organisation_id and m.id = r.practitioner_id
      where r.organisation_id = v_connection.organisation_id and r.starts_at >= v_from
        and (p_to is null or r.starts_at < p_to)
        and (v_connection.scope = 'organisation' or m.user_id = v_connection.user_id)
      union
      select o.rdv_id from private.sync_outbox o where o.integration_id = v_connection.id
    ) q;
    if v_rdvs is not null then
      perform private.enqueue(array_fill(v_connection.id, array[cardinality(v_rdvs)]), v_rdvs,
        v_connection.organisation_id, 'sync_now', v_run);
    end if;
  end if;
  return jsonb_build_object('integrationId', v_connection.id, 'runId', v_run);
end
$$;
comment on function public.sync_mark(uuid, uuid, text, timestamptz, timestamptz) is
  'Service only: a person''s "sync now": the range (today and later by default) and whatever waits, counted under one '
  'run.';
grant execute on function public.sync_mark(uuid, uuid, text, timestamptz, timestamptz) to service_role;

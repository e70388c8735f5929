create or replace function public.sync_retry(
  p_organisation uuid, p_user uuid, p_provider text, p_rdv_ids uuid[]
) returns jsonb
language plpgsql security definer set search_path = '' set statement_timeout = '20s'
as $$
declare
  v_connection public.calendar_integrations := private.integration_for_sync(p_organisation, p_user, p_provider);
  v_run uuid := private.begin_manual_run(v_connection);
  v_rdvs uuid[];
begin
  select array_agg(o.rdv_id) into v_rdvs
  from private.sync_outbox o
  where o.integration_id = v_connection.id and (o.parked_at is not null or o.attempts > 0)
    and (p_rdv_ids is null or o.rdv_id = any (p_rdv_ids));
  if v_rdvs is not null then
    perform private.enqueue(array_fill(v_connection.id, array[cardinality(v_rdvs)]), v_rdvs,
      v_connection.organisation_id, 'retry', v_run);
  end if;
  return jsonb_build_object('integrationId', v_connection.id, 'runId', v_run);
end
$$;
comment on function public.sync_retry(uuid, uuid, text, uuid[]) is
  'Service only: failed appointments become due again.';
grant execute on function public.sync_retry(uuid, uuid, text, uuid[]) to service_role;

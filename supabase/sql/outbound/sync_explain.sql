create or replace function public.sync_explain(p_organisation uuid, p_user uuid, p_provider text, p_rdv uuid)
returns jsonb
language plpgsql stable security definer set search_path = '' set statement_timeout = '8s'
as $$
declare
  v_connection public.calendar_integrations;
  v_refused timestamptz;
begin
  select * into v_connection from private.person_connection(p_organisation, p_user, p_provider) c
  where c.disconnected_at is null;
  if not found then
    raise exception 'NOT_CONNECTED' using errcode = 'P0001';
  end if;
  -- Where our whole project is refused, every lane waits.
  select max(b.refused_until) into v_refused from private.project_budgets b
  where b.provider = p_provider and b.refused_until > private.clock();
  return (
    select jsonb_build_object(
      'now', private.clock(),
      'lane', private.lane_terms(v_connection),
      'job', (select j.job from private.jobs_of(v_connection.id, array[r.id]) j),
      'queued', case when o.rdv_id is not null then jsonb_build_object(
        'since', o.dirty_since, 'dueAt', o.next_attempt_at, 'parkedAt', o.parked_at,
        'lastErrorCode', o.last_error_code
      ) end,
      'connection', jsonb_build_object(
        'status', v_connection.status, 'errorCode', v_connection.last_error ->> 'code',
        'exportEnabled', v_connection.export_enabled,
        'stopped', private.paused(v_connection.organisation_id, v_connection.provider) is not null,
        'leasedUntil', n.lease_until, 'pausedUntil', greatest(n.paused_until, v_refused),
        'pauseCode', case
          when v_refused >= coalesce(n.paused_until, v_refused) then 'RATE_LIMITED' else n.pause_code
        end
      ),
      'asked', exists (
        select from public.sync_conflicts k
        where k.integration_id = v_connection.id and k.internal_id = r.id and k.status = 'open'
          and k.reason <> 'time_overlap'
      ),
      'event', jsonb_build_object(
        'syncedAt', l.last_synced_at, 'driftedAt', l.drifted_at, 'errorCode', l.last_error ->> 'code'
      )
    )
    from public.rdv r
    left join private.sync_lanes n on n.integration_id = v_connection.id
    left join private.sync_outbox o on o.integration_id = v_connection.id and o.rdv_id = r.id
    left join public.appointment_external_links l on l.integration_id = v_connection.id and l.rdv_id = r.id
    where r.organisation_id = v_connection.organisation_id and r.id = p_rdv
  );
end
$$;
comment on function public.sync_explain(uuid, uuid, text, uuid) is
  'Service only: what is known of one appointment in the caller''s calendar, read without a lease; null where the '
  'practice has no such appointment. {now, lane: {settings, organisation}, job: Job of the domain, queued: {since, '
  'dueAt, parkedAt, lastErrorCode} or null, connection: {status, errorCode, exportEnabled, stopped, leasedUntil, '
  'pausedUntil, pauseCode}, asked, event: {syncedAt, driftedAt, errorCode}}.';
grant execute on function public.sync_explain(uuid, uuid, text, uuid) to service_role;

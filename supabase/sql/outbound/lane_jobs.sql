create or replace function private.lane_jobs(
  p_integration uuid, p_max_jobs integer, p_max_bytes integer, p_rdv uuid default null
) returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
begin
  return (
  select coalesce(jsonb_agg(k.job order by k.next_attempt_at, k.rdv_id), '[]'::jsonb)
  from (
    select j.*, sum(pg_column_size(j.job)) over (order by j.next_attempt_at, j.rdv_id) - pg_column_size(j.job) as before
    from private.jobs_of(p_integration, array(
      select q.rdv_id from private.sync_outbox q
      where q.integration_id = p_integration and q.parked_at is null
        and q.next_attempt_at <= (select private.clock()) and (p_rdv is null or q.rdv_id = p_rdv)
        and (
          (select private.writes_events(i) from public.calendar_integrations i where i.id = p_integration)
          or exists (
            select from public.appointment_external_links l
            join private.link_states s on s.link_id = l.id and s.erase_since is not null
            where l.integration_id = q.integration_id and l.rdv_id = q.rdv_id
          )
        )
      order by q.next_attempt_at
      limit p_max_jobs
    )) j
  ) k
  where k.before < p_max_bytes
  );
end
$$;
comment on function private.lane_jobs(uuid, integer, integer, uuid) is
  'The due work of a lane (of one appointment: p_rdv), oldest first; so many bytes of it, one job at least: Job[] of '
  'the domain.';

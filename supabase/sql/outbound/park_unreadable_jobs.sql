create or replace function private.park_unreadable_jobs(p_integration uuid, p_max_jobs integer) returns integer
language plpgsql security definer set search_path = ''
as $$
declare
  v_rdv uuid;
  v_read integer := 0;
  v_unreadable uuid[] := '{}'::uuid[];
begin
  for v_rdv in
    select q.rdv_id from private.sync_outbox q
    where q.integration_id = p_integration and q.parked_at is null and q.next_attempt_at <= private.clock()
    order by q.next_attempt_at
    limit p_max_jobs
  loop
    begin
      perform private.lane_jobs(p_integration, 1, 1, v_rdv);
      v_read := v_read + 1;
    exception
      when others then
        v_unreadable := v_unreadable || v_rdv;
    end;
  end loop;
  -- Where none can be read, it is hardly the rows: the lane waits, and no appointment is given up.
  if v_read = 0 then
    return 0;
  end if;
  perform private.park_job(p_integration, u.id, 'INVALID_EVENT') from unnest(v_unreadable) as u (id);
  return cardinality(v_unreadable);
end
$$;
comment on function private.park_unreadable_jobs(uuid, integer) is
  'Finds, one by one, the rows that cannot be read, and parks them if others can; how many.';

create or replace function private.store_queue(p_integration uuid, p_results private.job_result[]) returns void
language sql security definer set search_path = ''
as $$
  update private.sync_outbox o set
    attempts = o.attempts + 1,
    first_failed_at = coalesce(o.first_failed_at, private.clock()),
    last_error_code = r.error ->> 'code',
    parked_at = case when r.outcome = 'park' then private.clock() end,
    next_attempt_at = private.clock() + make_interval(secs => coalesce(r.delay_seconds, 0))
  from unnest(p_results) r
  where o.integration_id = p_integration and o.rdv_id = r.rdv_id and not r.outdated and r.outcome in ('retry', 'park');
  delete from private.sync_outbox o
  using unnest(p_results) r
  where o.integration_id = p_integration and o.rdv_id = r.rdv_id and not r.outdated and r.outcome = 'done';
$$;
comment on function private.store_queue(uuid, private.job_result[]) is
  'Takes what is done out of the queue, and lets the rest wait or parks it. A row that changed meanwhile stays due.';

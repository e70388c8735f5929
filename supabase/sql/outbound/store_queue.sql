create or replace function private.store_queue(p_results private.job_result[]) returns void
language plpgsql security definer set search_path = ''
as $$
declare
  v_now timestamptz := private.clock();
  v_done tid[] := array(
    select r.queue_row from unnest(p_results) r where not r.outdated and r.outcome = 'done');
  v_left tid[] := array(
    select r.queue_row from unnest(p_results) r where not r.outdated and r.outcome in ('retry', 'park'));
begin
  if cardinality(v_left) > 0 then
    update private.sync_outbox o set
      attempts = o.attempts + 1,
      first_failed_at = coalesce(o.first_failed_at, v_now),
      last_error_code = r.error ->> 'code',
      parked_at = case when r.outcome = 'park' then v_now end,
      next_attempt_at = v_now + make_interval(secs => coalesce(r.delay_seconds, 0))
    from unnest(p_results) r
    where o.ctid = any (v_left) and o.ctid = r.queue_row;
  end if;
  delete from private.sync_outbox o where o.ctid = any (v_done);
end
$$;
comment on function private.store_queue(private.job_result[]) is
  'Takes what is done out of the queue, and lets the rest wait or parks it, at the places where take_results has '
  'locked the rows: nothing is searched. A row that changed meanwhile stays due.';

create or replace function public.nudge_answer(p_request bigint) returns jsonb
language sql stable security definer set search_path = '' set statement_timeout = '8s'
as $$
  select jsonb_build_object(
    'status', r.status_code, 'timedOut', coalesce(r.timed_out, false), 'failed', r.error_msg is not null)
  from net._http_response r where r.id = p_request;
$$;
comment on function public.nudge_answer(bigint) is
  'Service only: for the doctor, how the wake-up of public.nudge_trial was answered; null until it was.';
grant execute on function public.nudge_answer(bigint) to service_role;

create or replace function public.nudge_trial(p_provider text, p_function text) returns jsonb
language plpgsql security definer set search_path = '' set statement_timeout = '8s'
as $$
begin
  return to_jsonb(private.send_nudge(p_provider, p_function));
exception
  when others then
    return jsonb_build_object('sqlState', sqlstate);
end
$$;
comment on function public.nudge_trial(text, text) is
  'Service only: for the doctor, a wake-up like any other, and the id under which public.nudge_answer tells what came '
  'of it; null: not sent, for a pause or because nothing is configured; {sqlState}: it could not be signed or queued.';
grant execute on function public.nudge_trial(text, text) to service_role;

create or replace function public.import_nudge(p_provider text) returns jsonb
language sql security definer set search_path = '' set statement_timeout = '8s'
as $$
  select to_jsonb(private.nudge(p_provider, 'import'));
$$;
comment on function public.import_nudge(text) is 'Service only: asks for another invocation to go on with the reading.';
grant execute on function public.import_nudge(text) to service_role;

-- How long a call of the Edge Functions may take. The last file, so that it sees every function.
--
-- PostgREST sets a function's own statement_timeout before it calls it. Every function that the Edge Functions call has
-- one, far inside the 30 seconds after which they give a call up; who adds one that takes longer names it here.
do $$
declare
  v record;
begin
  for v in
    select p.oid::regprocedure as name, coalesce(t.timeout, '8s') as timeout
    from pg_catalog.pg_proc p
    left join (values
      ('worker_abandon', '3s'),
      ('sync_claim', '10s'), ('import_claim', '10s'),
      ('sync_complete', '15s'), ('sync_mark', '20s'), ('sync_retry', '20s'),
      ('import_stage', '20s'), ('import_missing', '20s'), ('import_ours', '20s'), ('import_finish', '25s')
    ) as t (name, timeout) on t.name = p.proname
    where p.pronamespace = 'public'::regnamespace and p.prokind = 'f'
      and has_function_privilege('service_role', p.oid, 'execute')
      and not has_function_privilege('authenticated', p.oid, 'execute')
      and p.prorettype <> 'trigger'::regtype
  loop
    execute format('alter function %s set statement_timeout = %L', v.name, v.timeout);
  end loop;
end
$$;

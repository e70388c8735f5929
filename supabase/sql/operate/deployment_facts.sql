create or replace function public.deployment_facts() returns jsonb
language sql stable security definer set search_path = '' set statement_timeout = '8s'
as $$
  select jsonb_build_object(
    'clock', clock_timestamp(),
    'postgres', current_setting('server_version'),
    'functionsUrl', (select c.value from private.app_config c where c.key = 'functions_url'),
    'jobs', (
      select coalesce(jsonb_agg(jsonb_build_object(
        'name', j.jobname, 'active', j.active, 'lastStatus', last.status,
        'secondsAgo', ceil(extract(epoch from clock_timestamp() - last.end_time))) order by j.jobname), '[]'::jsonb)
      from cron.job j
      left join lateral (
        select d.status, d.end_time from cron.job_run_details d
        where d.jobid = j.jobid and d.end_time is not null order by d.runid desc limit 1
      ) last on true
      where j.jobname like 'cassius-%'
    ),
    'connections', (
      select coalesce(jsonb_object_agg(p.provider, p.connections), '{}'::jsonb)
      from (
        select i.provider, count(*) as connections from public.calendar_integrations i
        where i.disconnected_at is null group by i.provider
      ) p
    ),
    'throttled', (
      select coalesce(jsonb_object_agg(t.provider, t.lanes), '{}'::jsonb)
      from (
        select l.provider, count(*) as lanes from private.sync_lanes l
        where l.paused_until > private.clock() and l.pause_code in ('RATE_LIMITED', 'QUOTA_EXCEEDED')
        group by l.provider
      ) t
    ),
    'channelsRefused', (
      select count(*) from private.calendar_cursors c where c.followed is not null and c.watch_refused_at is not null
    )
  );
$$;
comment on function public.deployment_facts() is
  'Service only: for the doctor, what public.sync_health does not tell of a deployment. {clock, postgres, '
  'functionsUrl, jobs: [{name, active, lastStatus, secondsAgo}], connections and throttled lanes by provider, '
  'channelsRefused}.';
grant execute on function public.deployment_facts() to service_role;

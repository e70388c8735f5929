-- The hint that there is work (pg_net may lose it) and the guarantee that it is done (pg_cron).

create function private.configure(p_functions_url text, p_nudge_secret text default null) returns text
language plpgsql security definer set search_path = ''
as $$
declare
  v_nobody constant uuid := '00000000-0000-0000-0000-000000000000';
  v_made text;
begin
  if p_functions_url !~ '^https?://[^[:space:]]+$' then
    raise exception 'Configure the nudge: the address of the functions is no http address' using errcode = '22023';
  end if;
  if p_nudge_secret !~ '^whsec_[A-Za-z0-9+/=]{32,}$' then
    raise exception 'Configure the nudge: the secret must be whsec_ and at least 32 base64 characters' using errcode = '22023';
  end if;
  insert into private.app_config (key, value) values ('functions_url', rtrim(p_functions_url, '/'))
  on conflict (key) do update set value = excluded.value, updated_at = now();
  if p_nudge_secret is null then
    if exists (select from private.app_config c where c.key = 'nudge_secret') then
      return null;
    end if;
    v_made := 'whsec_' || encode(extensions.gen_random_bytes(32), 'base64');
  end if;
  insert into private.app_config (key, sealed)
  values ('nudge_secret', private.seal_token(coalesce(p_nudge_secret, v_made), v_nobody, v_nobody, 'nudge'))
  on conflict (key) do update set sealed = excluded.sealed, updated_at = now();
  return v_made;
end
$$;
comment on function private.configure(text, text) is
  'Once a deployment: where the functions are, and the secret that they share with the nudge. Without one given it makes one '
  'where there is none, and returns it: a secret that is typed stands in the log if its statement fails.';

create function private.nudge(p_provider text, p_function text default 'sync') returns boolean
language plpgsql security definer set search_path = ''
as $$
declare
  v_nobody constant uuid := '00000000-0000-0000-0000-000000000000';
  v_body constant text := '{}';
  v_url text;
  v_sealed jsonb;
  v_id text;
  v_timestamp text;
  v_signature text;
begin
  if private.paused(null, p_provider) is not null then
    return false;
  end if;
  select c.value into v_url from private.app_config c where c.key = 'functions_url';
  select c.sealed into v_sealed from private.app_config c where c.key = 'nudge_secret';
  if v_url is null or v_sealed is null then
    return false;
  end if;
  v_id := 'msg_' || replace(gen_random_uuid()::text, '-', '');
  v_timestamp := floor(extract(epoch from clock_timestamp()))::bigint::text;
  v_signature := encode(
    extensions.hmac(
      convert_to(v_id || '.' || v_timestamp || '.' || v_body, 'utf8'),
      decode(substr(private.open_token(v_sealed, v_nobody, v_nobody, 'nudge'), 7), 'base64'),
      'sha256'
    ),
    'base64'
  );
  perform net.http_post(
    url := v_url || '/' || p_provider || '-' || p_function,
    body := v_body::jsonb,
    headers := jsonb_build_object(
      'content-type', 'application/json',
      'webhook-id', v_id, 'webhook-timestamp', v_timestamp, 'webhook-signature', 'v1,' || v_signature
    ),
    timeout_milliseconds := 5000
  );
  return true;
exception
  -- A booking is never refused because of a fault out there: the sweep will find the row.
  when others then
    raise warning 'Send nudge: % (%)', sqlerrm, sqlstate;
    return false;
end
$$;
comment on function private.nudge(text, text) is 'Sends one signed, empty wake-up to a provider''s sync (or import) function (Standard Webhooks), unless all of it is paused. Never raises.';

create function private.sweep() returns integer
language plpgsql security definer set search_path = ''
as $$
declare
  v_provider text;
  v_sent integer := 0;
  v_now timestamptz := private.clock();
begin
  for v_provider in
    select distinct l.provider
    from private.sync_lanes l
    join public.calendar_integrations i on i.id = l.integration_id
    where private.lane_may_work(i)
      and (l.paused_until is null or l.paused_until <= v_now)
      and (l.lease_until is null or l.lease_until <= v_now)
      and exists (
        select 1 from private.sync_outbox o
        where o.integration_id = l.integration_id and o.parked_at is null and o.next_attempt_at <= v_now
      )
      and private.paused(l.organisation_id, l.provider) is null
    union
    select g.provider from private.grant_revocations g where g.next_attempt_at <= v_now
  loop
    if private.nudge(v_provider) then
      v_sent := v_sent + 1;
    end if;
  end loop;
  return v_sent;
end
$$;
comment on function private.sweep() is 'Every minute: nudges each provider for which work is due that nobody has in hand.';

create function private.keep_house() returns void
language plpgsql security definer set search_path = ''
as $$
begin
  delete from cron.job_run_details d where d.end_time < now() - interval '7 days';
  delete from private.oauth_states s where s.expires_at < private.clock() - interval '1 day';
  perform private.drop_pending_grant(g.integration_id) from private.pending_grants g where g.expires_at < private.clock();
  delete from public.sync_runs r where r.started_at < private.clock() - interval '90 days';
  delete from private.sync_outbox o
  where not exists (select 1 from public.calendar_integrations i where i.id = o.integration_id);
  delete from private.grant_revocations g where g.created_at < private.clock() - interval '3 days';
  -- Who removes the events of a person who has left waits no longer for a calendar that refuses.
  perform private.end_unattended(i.id) from public.calendar_integrations i
  where i.removing_events_since < private.clock() - interval '7 days' and i.disconnected_at is null
    and not private.is_member(i.organisation_id, i.user_id);
  perform private.resume_erasures(null);
  delete from private.account_budgets b
  where not exists (select 1 from public.calendar_integrations i where i.provider = b.provider and i.account_id = b.account_id);
end
$$;
comment on function private.keep_house() is
  'Every night: old journals, spent consents, grants given up and orphans go; refused erasures are tried again.';

select cron.schedule('cassius-sweep', '* * * * *', 'select private.sweep()');
select cron.schedule('cassius-keep-house', '17 3 * * *', 'select private.keep_house()');

create function public.sync_nudge(p_provider text) returns jsonb
language sql security definer set search_path = ''
as $$
  select to_jsonb(private.nudge(p_provider));
$$;
comment on function public.sync_nudge(text) is 'Service only: asks for another invocation to go on with the work.';
revoke execute on function public.sync_nudge(text) from public, anon, authenticated;
grant execute on function public.sync_nudge(text) to service_role;
revoke execute on function private.configure(text, text), private.nudge(text, text), private.sweep(), private.keep_house() from public;

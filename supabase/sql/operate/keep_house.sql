create or replace function private.keep_house() returns void
language plpgsql security definer set search_path = ''
as $$
begin
  delete from cron.job_run_details d where d.end_time < now() - interval '7 days';
  delete from private.oauth_states s where s.expires_at < private.clock() - interval '1 day';
  perform private.drop_pending_grant(g.integration_id) from private.pending_grants g
  where g.expires_at < private.clock();
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
  where not exists (select 1 from public.calendar_integrations i
    where i.provider = b.provider and i.account_id = b.account_id);
  delete from private.practice_shares s where s.paid_until < private.clock() - interval '1 day';
end
$$;
comment on function private.keep_house() is
  'Every night: old journals, spent consents, grants given up and orphans go; refused erasures are tried again.';

create or replace function private.refuse_changes(
  p_run private.import_runs, p_verdicts private.verdict[], p_action text
) returns void
language plpgsql security definer set search_path = ''
as $$
begin
  update public.external_events e set
    detached_at = case when s.action = 'cancel' then private.clock() end, etag = s.etag
  from private.weighty_changes(p_run) s
  where e.organisation_id = p_run.organisation_id and e.external_calendar_id = p_run.calendar_id
    and e.external_event_id = s.event_id;
  update private.import_staging s set action = 'none', reason = 'kept'
  where s.run_id = p_run.id and s.event_id in (select w.event_id from private.weighty_changes(p_run) w);
  perform private.keep_ours(p_run, p_verdicts, p_action);
end
$$;
comment on function private.refuse_changes(private.import_runs, private.verdict[], text) is
  'A person wants nothing of a mass change: new things come in, what would go or move stays as it is here.';

create or replace function private.keep_import_house() returns void
language plpgsql security definer set search_path = ''
as $$
declare
  v_now timestamptz := private.clock();
  v_unread uuid[];
begin
  delete from private.import_staging s
  where not exists (select 1 from private.import_runs r where r.id = s.run_id);
  delete from private.import_requests q where q.asked_at < v_now - interval '1 day';
  delete from private.calendar_notices n where n.told_at < v_now - interval '1 day';
  delete from private.watch_channels w
  where w.expires_at < v_now - interval '1 day' or w.replaced_at < v_now - interval '1 day';
  delete from public.external_events e
  where e.end_at < v_now - interval '90 days'
    and not exists (select from public.rdv r
      where r.id = e.cassius_appointment_id and r.organisation_id = e.organisation_id);
  -- One of which an appointment lives stays, without its text, so that it never becomes a second one.
  perform private.forget_event_text(array_agg(e.id), false) from public.external_events e
  where e.end_at < v_now - interval '90 days' and num_nonnulls(e.summary, e.description, e.location, e.html_link) > 0;
  -- In a calendar that is read no longer it is not known whether it is private by now. Should it be read again, all
  -- comes anew.
  select array_agg(e.id) into v_unread from public.external_events e
  join public.calendar_integrations i on i.id = e.integration_id
  where e.last_synced_at < v_now - interval '30 days'
    and not (i.import_enabled and i.calendar_source_id is not distinct from e.external_calendar_id)
    and num_nonnulls(e.summary, e.description, e.location, e.html_link) > 0;
  perform private.forget_event_text(v_unread, false);
  update public.external_events e set etag = null where e.id = any (v_unread);
  update public.sync_conflicts c set payload = private.conflict_facts(c.payload, false)
  where c.status <> 'open' and c.resolved_at < v_now - interval '30 days'
    and c.payload #> '{cassius,location}' is not null;
  delete from private.decisions d where d.decided_at < v_now - interval '1 hour';
  delete from public.sync_conflicts c where c.status <> 'open' and c.resolved_at < v_now - interval '180 days';
  update private.link_states s set pushed = null, base = null, sent = '{}'
  from public.appointment_external_links l
  join public.calendar_integrations i on i.id = l.integration_id
  where s.link_id = l.id and i.disconnected_at < v_now - interval '90 days'
    and (s.pushed is not null or s.base is not null or s.sent <> '{}');
  delete from private.left_events e where e.left_at < v_now - interval '400 days';
  delete from private.calendar_cursors c
  using public.calendar_integrations i
  where i.id = c.integration_id and private.follows(i, c.calendar_id) is null and i.status = 'connected'
    and c.next_poll_at < v_now - interval '30 days';
end
$$;
comment on function private.keep_import_house() is
  'Every night: what docs/privacy.md keeps for a time goes: staging, dead channels, events that are over, old '
  'decisions.';

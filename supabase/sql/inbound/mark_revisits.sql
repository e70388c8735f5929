create or replace function private.mark_revisits(
  p_run private.import_runs, p_verdicts private.verdict[], p_tally private.import_tally, p_followed boolean
) returns void
language plpgsql security definer set search_path = ''
as $$
declare
  v_now constant timestamptz := private.clock();
begin
  -- Looked at again, and there was nothing to judge: our own write is what the event shows, or the link is over.
  delete from private.import_revisits x
  using private.import_staging s
  where x.integration_id = p_run.integration_id and x.calendar_id = p_run.calendar_id
    and s.run_id = p_run.id and s.event_id = x.event_id and not s.removed and not s.missed
    and x.since < p_run.started_at
    and x.event_id not in (select v.link_event_id from unnest(p_verdicts) v);
  -- Not found, which proves nothing by itself.
  insert into private.import_revisits as x (integration_id, calendar_id, event_id, since, missed_at, written_at)
  select p_run.integration_id, p_run.calendar_id, s.event_id, v_now, v_now,
    greatest(e.updated_at_provider, e.created_at)
  from private.import_staging s
  left join public.external_events e
    on e.organisation_id = p_run.organisation_id and e.external_calendar_id = p_run.calendar_id
    and e.external_event_id = s.event_id
  where s.run_id = p_run.id and s.missed
  on conflict (integration_id, calendar_id, event_id) do update set missed_at = coalesce(x.missed_at, v_now);
  -- Written while the reading went on: had a person removed it before the reading got there, nothing would tell again.
  if p_run.full_reading and p_followed then
    insert into private.import_revisits (integration_id, calendar_id, event_id, rdv_id, since)
    select p_run.integration_id, p_run.calendar_id, u.event_id, u.rdv_id, v_now from private.unread_links(p_run) u
    where u.fresh
    on conflict do nothing;
  end if;
  if p_tally.passed = 0 then
    return;
  end if;
  -- Passed over because it carries the mark of an event of ours whose link was not sure: it may be a person's copy.
  insert into private.import_revisits (integration_id, calendar_id, event_id, since)
  select p_run.integration_id, p_run.calendar_id, s.event_id, v_now
  from private.import_staging s
  join public.appointment_external_links l
    on l.integration_id = p_run.integration_id and l.rdv_id::text = s.marker ->> 'appointmentId'
    and l.external_event_id <> s.event_id and l.epoch >= (s.marker ->> 'epoch')::integer
  join private.link_states z on z.link_id = l.id
  where s.run_id = p_run.id and s.action = 'none' and s.reason = 'exported' and s.status <> 'cancelled'
    and s.marker ->> 'integrationId' = p_run.integration_id::text
    -- The series of which an occurrence is the appointment's is known to carry its mark.
    and z.place ->> 'seriesId' is distinct from s.event_id
    and (z.state not in ('creating', 'deleting') or exists (
      select 1 from private.sync_outbox o
      where o.integration_id = p_run.integration_id and o.rdv_id = l.rdv_id and o.parked_at is null
    ))
  on conflict do nothing;
end
$$;
comment on function private.mark_revisits(private.import_runs, private.verdict[], private.import_tally, boolean) is
  'Which events the next run looks at by themselves, beside those whose verdict came too late. p_verdicts: as they '
  'were judged. p_followed: the calendar is read again by itself.';

create or replace function private.ended_links(p_run private.import_runs, p_events text[])
returns table (
  rdv_id uuid, event_id text, epoch integer, etag text, pushed jsonb, base jsonb, state private.link_state,
  synced_at timestamptz, applied_count integer, applied_since timestamptz, said text, former boolean,
  cancelled_from text, cancelled_at timestamptz, place jsonb, calendar_id text, target_calendar_id text
)
language plpgsql stable rows 10 security definer set search_path = ''
as $$
#variable_conflict use_column
begin
  return query
  select l.rdv_id, l.external_event_id, l.epoch, l.etag, s.pushed, s.base, s.state, l.last_synced_at,
    s.applied_count, s.applied_since, null, false, s.cancelled_from, s.cancelled_at,
    s.place, l.external_calendar_id, s.target_calendar_id
  from public.appointment_external_links l
  join private.link_states s on s.link_id = l.id
  where l.integration_id = p_run.integration_id and l.external_event_id = any (p_events)
    and s.state in ('gone', 'detached')
    -- A person may have brought it back and moved it before anything was read.
    and (l.external_calendar_id = p_run.calendar_id or exists (
      select from private.import_staging t
      where t.run_id = p_run.id and t.event_id = l.external_event_id and not t.removed and t.unreadable is null
        and t.status <> 'cancelled'
    ))
  union all
  select f.rdv_id, f.event_id, f.epoch, f.etag, null, null, s.state, l.last_synced_at, 0, null, f.said, true, null,
    null, null, l.external_calendar_id, s.target_calendar_id
  from private.former_events f
  join public.appointment_external_links l on l.integration_id = f.integration_id and l.rdv_id = f.rdv_id
  join private.link_states s on s.link_id = l.id
  where f.integration_id = p_run.integration_id and f.calendar_id = p_run.calendar_id and f.event_id = any (p_events)
    and s.erase_since is null;
end
$$;
comment on function private.ended_links(private.import_runs, text[]) is
  'Events of ours that have ended, as far as we know, in a calendar or seen alive in it. former: the link names '
  'another by now. p_events: only these.';

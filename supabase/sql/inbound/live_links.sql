create or replace function private.live_links(p_run private.import_runs, p_events text[] default null)
returns table (
  link_id uuid, rdv_id uuid, event_id text, calendar_id text, epoch integer, etag text, pushed jsonb, base jsonb,
  state private.link_state, target_calendar_id text, synced_at timestamptz, applied_count integer,
  applied_since timestamptz, place jsonb
)
language plpgsql stable rows 10 security definer set search_path = ''
as $$
#variable_conflict use_column
begin
  return query
  select l.id, l.rdv_id, l.external_event_id, l.external_calendar_id, l.epoch, l.etag, s.pushed, s.base, s.state,
    s.target_calendar_id, l.last_synced_at, s.applied_count, s.applied_since, s.place
  from (
    -- Apart, and each state by its key (offset 0), so that a plan that is kept reads no more than is asked for.
    select k.* from public.appointment_external_links k
    where p_events is null and k.integration_id = p_run.integration_id and k.external_calendar_id = p_run.calendar_id
    union all
    select k.* from public.appointment_external_links k
    where k.integration_id = p_run.integration_id and k.external_calendar_id = p_run.calendar_id
      and k.external_event_id = any (p_events)
  ) l
  cross join lateral (select z.* from private.link_states z where z.link_id = l.id offset 0) s
  where private.has_event(s.state) and s.erase_since is null;
end
$$;
comment on function private.live_links(private.import_runs, text[]) is
  'The events of ours in a calendar, as far as we know; one that is to be erased is compared with nothing any more. '
  'p_events: only these; null: all.';

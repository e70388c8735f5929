create or replace function private.arrived_links(p_run private.import_runs)
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
  select distinct on (l.id) l.id, l.rdv_id, l.external_event_id, l.external_calendar_id, l.epoch, l.etag, z.pushed,
    z.base, z.state, z.target_calendar_id, l.last_synced_at,
    z.applied_count, z.applied_since, z.place
  from private.import_staging s
  cross join lateral (values (s.event_id), (s.series_id)) u (id)
  join public.appointment_external_links l
    on l.integration_id = p_run.integration_id and l.external_event_id = u.id
    and l.external_calendar_id <> p_run.calendar_id
  join private.link_states z on z.link_id = l.id
  where s.run_id = p_run.id and not s.removed and s.unreadable is null and s.status <> 'cancelled'
    and private.has_event(z.state) and z.erase_since is null
    and (s.marker is null or s.marker ->> 'appointmentId' = l.rdv_id::text);
end
$$;
comment on function private.arrived_links(private.import_runs) is
  'Events of ours that were read in this calendar and are known in another: a person moved them, unless they are '
  'there still. A copy has an id of its own. Columns: those of live_links.';

create or replace function private.new_overlaps(c private.calendar_cursors, i public.calendar_integrations, p_practitioner uuid)
returns table (event_id text, rdv_id uuid, key text, title text, start_at timestamptz, end_at timestamptz)
language sql stable security definer set search_path = ''
as $$
  with pair as (
    select r.id as rdv_id, s.event_id, case when s.visibility <> 'private' then s.title end as title, s.start_at, s.end_at,
      private.overlap_key(private.period(r.starts_at, r.ends_at), private.period(s.start_at, s.end_at)) as key
    from private.import_staging s
    join public.rdv r on r.practitioner_id = p_practitioner and r.status in ('scheduled', 'confirmed') and r.starts_at is not null
      and tstzrange(r.starts_at, greatest(r.starts_at, coalesce(r.ends_at, r.starts_at)), '[]')
        && tstzrange(s.start_at - interval '30 minutes', greatest(s.start_at, s.end_at))
      and r.starts_at < s.end_at and coalesce(r.ends_at, r.starts_at + interval '30 minutes') > s.start_at
      and (r.ends_at is null or r.ends_at > r.starts_at)
    where s.run_id = c.run_id and s.action in ('create', 'update') and s.availability = 'busy'
      and r.source = 'cassius' and r.organisation_id = c.organisation_id
    union all
    select r.id, e.external_event_id, case when e.visibility <> 'private' then e.summary end, e.start_at, e.end_at,
      private.overlap_key(private.period(r.starts_at, r.ends_at), private.period(e.start_at, e.end_at))
    from public.rdv r
    join public.external_events e on e.integration_id = c.integration_id and e.external_calendar_id = c.calendar_id
      and e.status <> 'cancelled' and e.availability = 'busy'
      and tstzrange(e.start_at, e.end_at)
        && tstzrange(r.starts_at, case when r.ends_at is null then r.starts_at + interval '30 minutes' else greatest(r.starts_at, r.ends_at) end)
    where r.practitioner_id = p_practitioner and r.organisation_id = c.organisation_id and r.source = 'cassius'
      and r.status in ('scheduled', 'confirmed') and r.starts_at >= c.run_from - interval '1 day' and r.starts_at < c.run_to
      and r.updated_at > coalesce(c.checked_at, '-infinity')
      and not exists (
        select 1 from private.import_staging s
        where s.run_id = c.run_id and s.event_id = e.external_event_id and s.action in ('create', 'update', 'cancel')
      )
  )
  select p.event_id, p.rdv_id, p.key, p.title, p.start_at, p.end_at
  from pair p
  where not exists (
    select 1 from private.overlap_pairs a
    join public.sync_conflicts k on k.id = a.conflict_id
    where a.rdv_id = p.rdv_id and a.event_id = p.event_id and a.key = p.key
      and k.integration_id = c.integration_id and k.payload ->> 'calendarId' = c.calendar_id
  )
  -- What is beyond this is told by the number of what is asked about: nobody reads ten thousand lines.
  limit 10000;
$$;
comment on function private.new_overlaps(private.calendar_cursors, public.calendar_integrations, uuid) is
  'Appointments that events of this run, or events known before, now stand across; nothing that was asked before.';

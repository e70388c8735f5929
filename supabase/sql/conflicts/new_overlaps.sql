create or replace function private.new_overlaps(p_run private.import_runs)
returns table (event_id text, rdv_id uuid, key text, title text, start_at timestamptz, end_at timestamptz)
language plpgsql stable security definer set search_path = ''
as $$
declare
  v_practitioner constant uuid := private.practitioner_of(p_run.integration_id);
  v_usual constant interval := private.usual_length(p_run.organisation_id);
  v_checked constant timestamptz := coalesce((
    select c.checked_at from private.calendar_cursors c
    where c.integration_id = p_run.integration_id and c.calendar_id = p_run.calendar_id
  ), '-infinity');
begin
  return query
  with pair as (
    select r.id as rdv_id, s.event_id, case when s.visibility <> 'private' then s.title end as title, s.start_at,
      s.end_at, private.overlap_key(
        private.period(r.starts_at, r.ends_at, v_usual), private.period(s.start_at, s.end_at, v_usual)) as key
    from private.import_staging s
    join public.rdv r on r.practitioner_id = v_practitioner and r.status in ('scheduled', 'confirmed')
      and r.starts_at is not null
      and tstzrange(r.starts_at, greatest(r.starts_at, coalesce(r.ends_at, r.starts_at)), '[]')
        && tstzrange(s.start_at - v_usual, greatest(s.start_at, s.end_at))
      and r.starts_at < s.end_at and coalesce(r.ends_at, r.starts_at + v_usual) > s.start_at
      and (r.ends_at is null or r.ends_at > r.starts_at)
    where s.run_id = p_run.id and s.action in ('create', 'update') and s.availability = 'busy'
      and r.source = 'cassius' and r.organisation_id = p_run.organisation_id
    union all
    select r.id, e.external_event_id, case when e.visibility <> 'private' then e.summary end, e.start_at, e.end_at,
      private.overlap_key(private.period(r.starts_at, r.ends_at, v_usual),
        private.period(e.start_at, e.end_at, v_usual))
    from public.rdv r
    join public.external_events e on e.integration_id = p_run.integration_id
      and e.external_calendar_id = p_run.calendar_id
      and e.status <> 'cancelled' and e.availability = 'busy'
      and e.during && tstzrange(
        r.starts_at, case when r.ends_at is null then r.starts_at + v_usual else greatest(r.starts_at, r.ends_at) end)
      and r.starts_at < e.end_at
    where r.practitioner_id = v_practitioner and r.organisation_id = p_run.organisation_id and r.source = 'cassius'
      and r.status in ('scheduled', 'confirmed')
      and r.starts_at >= p_run.window_from - interval '1 day' and r.starts_at < p_run.window_to
      and r.updated_at > v_checked
      and not exists (
        select 1 from private.import_staging s
        where s.run_id = p_run.id and s.event_id = e.external_event_id and s.action in ('create', 'update', 'cancel')
      )
  )
  select p.event_id, p.rdv_id, p.key, p.title, p.start_at, p.end_at
  from pair p
  where not exists (
    select 1 from private.overlap_pairs a
    join public.sync_conflicts k on k.id = a.conflict_id
    where a.rdv_id = p.rdv_id and a.event_id = p.event_id and a.key = p.key
      and k.integration_id = p_run.integration_id and k.payload ->> 'calendarId' = p_run.calendar_id
  )
  -- What is beyond this is told by the number of what is asked about: a person reads no ten thousand lines.
  limit 10000;
end
$$;
comment on function private.new_overlaps(private.import_runs) is
  'Appointments that events of this run, or events known before, now lie across; nothing that was asked before.';

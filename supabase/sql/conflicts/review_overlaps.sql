create or replace function private.review_overlaps(p_run private.import_runs) returns void
language plpgsql security definer set search_path = ''
as $$
declare
  v_checked constant timestamptz := coalesce((
    select c.checked_at from private.calendar_cursors c
    where c.integration_id = p_run.integration_id and c.calendar_id = p_run.calendar_id
  ), '-infinity');
begin
  if not exists (
    select from public.sync_conflicts k
    where k.integration_id = p_run.integration_id and k.reason = 'time_overlap' and k.status = 'open'
      and k.payload ->> 'calendarId' = p_run.calendar_id
  ) then
    return;
  end if;
  perform private.show_overlaps(array(
    select distinct k.id
    from public.sync_conflicts k
    join private.overlap_pairs p on p.conflict_id = k.id
    left join public.rdv r on r.id = p.rdv_id
    left join private.import_staging s
      on s.run_id = p_run.id and s.event_id = p.event_id and s.action in ('create', 'update', 'cancel')
    where k.integration_id = p_run.integration_id and k.reason = 'time_overlap' and k.status = 'open'
      and k.payload ->> 'calendarId' = p_run.calendar_id
      and (s.event_id is not null or r.id is null or r.updated_at > v_checked)
  ));
  update public.sync_conflicts k set status = 'resolved', resolution = 'vanished', resolved_at = private.clock()
  where k.integration_id = p_run.integration_id and k.reason = 'time_overlap' and k.status = 'open'
    and k.payload ->> 'calendarId' = p_run.calendar_id and k.payload -> 'count' = '0';
end
$$;
comment on function private.review_overlaps(private.import_runs) is
  'After a reading: open questions of which a side has changed show the present, and those without any overlap left '
  'are over.';

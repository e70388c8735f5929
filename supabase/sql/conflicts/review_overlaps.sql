create or replace function private.review_overlaps(c private.calendar_cursors) returns void
language plpgsql security definer set search_path = ''
as $$
begin
  perform private.show_overlaps(array(
    select distinct k.id
    from public.sync_conflicts k
    join private.overlap_pairs p on p.conflict_id = k.id
    left join public.rdv r on r.id = p.rdv_id
    left join private.import_staging s on s.run_id = c.run_id and s.event_id = p.event_id and s.action in ('create', 'update', 'cancel')
    where k.integration_id = c.integration_id and k.reason = 'time_overlap' and k.status = 'open'
      and k.payload ->> 'calendarId' = c.calendar_id
      and (s.event_id is not null or r.id is null or r.updated_at > coalesce(c.checked_at, '-infinity'))
  ));
  update public.sync_conflicts k set status = 'resolved', resolution = 'vanished', resolved_at = private.clock()
  where k.integration_id = c.integration_id and k.reason = 'time_overlap' and k.status = 'open'
    and k.payload ->> 'calendarId' = c.calendar_id and k.payload -> 'count' = '0';
end
$$;
comment on function private.review_overlaps(private.calendar_cursors) is
  'After a reading: open questions of which a side has changed show the present, and those without any overlap left are over.';

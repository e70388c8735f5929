create or replace function private.note_refused(p_integration uuid, p_rdvs uuid[]) returns void
language sql security definer set search_path = ''
as $$
  with taken as (
    select q.rdv_id from private.sync_outbox q
    where q.integration_id = p_integration and q.rdv_id = any (p_rdvs)
    order by q.rdv_id
    for update skip locked
  )
  update private.link_states s set state = 'live', updated_at = now()
  from taken t
  join public.appointment_external_links l on l.integration_id = p_integration and l.rdv_id = t.rdv_id
  where s.link_id = l.id and s.state = 'updating';
$$;
comment on function private.note_refused(uuid, uuid[]) is
  'The calendar refused these changes: their events are as they were known. One that is being booked at this moment '
  'stays updating, and is only looked at once more than it need be.';

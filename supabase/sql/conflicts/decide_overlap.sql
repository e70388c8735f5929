create or replace function private.decide_overlap(k public.sync_conflicts, p_action text) returns boolean
language plpgsql security definer set search_path = ''
as $$
declare
  v_now constant timestamptz := private.clock();
  v_events uuid[];
begin
  perform 1 from public.external_events e
  where e.id in (select s.event_row from private.standing_overlaps(k) s) order by e.id for update;
  if private.overlap_payload(k) ->> 'fingerprint' is distinct from k.payload ->> 'fingerprint' then
    perform private.show_overlaps(array[k.id]);
    update public.sync_conflicts x set status = 'resolved', resolution = 'vanished', resolved_at = v_now
    where x.id = k.id and x.payload -> 'count' = '0';
    return false;
  end if;
  if p_action = 'keep_calendar' then
    update public.rdv x set status = 'cancelled' where x.id in (select s.rdv_id from private.standing_overlaps(k) s);
  elsif p_action = 'duplicate' then
    v_events := array(select distinct s.event_row from private.standing_overlaps(k) s);
    insert into public.rdv (id, organisation_id, practitioner_id, type, notes, location, starts_at, ends_at, status, source)
    select e.id, e.organisation_id, m.id, private.imported_type(e.summary), e.description, e.location, e.start_at, e.end_at,
      'scheduled', e.provider
    from public.external_events e
    join public.organisation_members m on m.organisation_id = e.organisation_id and m.user_id = e.user_id
    where e.id = any (v_events)
    on conflict (id) do nothing;
    update public.external_events x set cassius_appointment_id = x.id, became_rdv_at = coalesce(x.became_rdv_at, v_now)
    where x.id = any (v_events);
  end if;
  return true;
end
$$;
comment on function private.decide_overlap(public.sync_conflicts, text) is
  'Carries a decision out for everything that the question is about; false where something of it has moved since, and then '
  'the question shows the present.';

create or replace function private.note_refused(p_integration uuid, p_rdvs uuid[]) returns void
language plpgsql security definer set search_path = ''
as $$
declare
  v_taken uuid[] := array(
    select q.rdv_id from unnest(p_rdvs) x (id)
    cross join lateral (
      select o.rdv_id from private.sync_outbox o
      where o.integration_id = p_integration and o.rdv_id = x.id
      for update skip locked
    ) q);
begin
  update private.link_states s set state = 'live', updated_at = now()
  where s.state = 'updating' and s.link_id = any (array(
    select l.id from unnest(v_taken) t (id)
    cross join lateral (
      select k.id from public.appointment_external_links k
      where k.rdv_id = t.id and k.integration_id is not distinct from p_integration
      offset 0
    ) l));
end
$$;
comment on function private.note_refused(uuid, uuid[]) is
  'The calendar refused these changes: their events are as they were known. One that is being booked at this moment '
  'stays updating, and is only looked at once more than it need be.';

create or replace function private.taken_times(p_practitioner uuid, p_from timestamptz, p_until timestamptz)
returns table (rdv_id uuid, event_id uuid, starts_at timestamptz, ends_at timestamptz)
language plpgsql stable rows 20 security definer set search_path = ''
as $$
declare
  v_member public.organisation_members;
  v_usual interval;
begin
  select * into v_member from public.organisation_members m where m.id = p_practitioner;
  v_usual := private.usual_length(v_member.organisation_id);
  return query
  select r.id, null::uuid, r.starts_at, coalesce(r.ends_at, r.starts_at + v_usual)
  from public.rdv r
  where r.practitioner_id = p_practitioner and r.status in ('scheduled', 'confirmed') and r.starts_at is not null
    and tstzrange(r.starts_at, greatest(r.starts_at, coalesce(r.ends_at, r.starts_at)), '[]')
      && tstzrange(p_from - v_usual, p_until)
    and r.starts_at < p_until and coalesce(r.ends_at, r.starts_at + v_usual) > p_from
    and (r.ends_at is null or r.ends_at > r.starts_at)
  union all
  select null::uuid, e.id, e.start_at, e.end_at
  from public.calendar_integrations i
  join public.external_events e on e.integration_id = i.id
  where i.organisation_id = v_member.organisation_id and i.user_id = v_member.user_id
    and e.status <> 'cancelled' and e.availability = 'busy'
    and e.during && tstzrange(p_from, p_until) and e.end_at > e.start_at
    -- One that became an appointment counts as that.
    and not exists (select from public.rdv r where r.id = e.cassius_appointment_id);
end
$$;
comment on function private.taken_times(uuid, timestamptz, timestamptz) is
  'Appointments and events of others that take a practitioner''s time, however long ago they began. It judges by '
  'itself no right to see them: under row level security the indexes of periods could not be used.';
grant execute on function private.taken_times(uuid, timestamptz, timestamptz) to authenticated;

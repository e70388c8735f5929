create or replace function public.busy_times(p_practitioner uuid, p_from timestamptz, p_until timestamptz)
returns jsonb
language sql stable security invoker set search_path = ''
as $$
  with busy as (
    select 'appointment' as kind, r.id, t.starts_at, t.ends_at,
      coalesce(nullif(btrim(concat_ws(' ', p.first_name, p.last_name)), ''), r.type) as name
    from private.taken_times(p_practitioner, p_from, p_until) t
    join public.rdv r on r.id = t.rdv_id
    left join public.patients p on p.id = r.patient_id
    union all
    select 'event', e.id, t.starts_at, t.ends_at, e.summary
    from private.taken_times(p_practitioner, p_from, p_until) t
    join public.external_events e on e.id = t.event_id
  )
  select coalesce(jsonb_agg(jsonb_build_object(
    'kind', b.kind, 'id', b.id, 'startsAt', b.starts_at, 'endsAt', b.ends_at, 'name', b.name
  ) order by b.starts_at, b.ends_at, b.id), '[]'::jsonb)
  from busy b;
$$;
comment on function public.busy_times(uuid, timestamptz, timestamptz) is
  'What takes a practitioner''s time, of appointments and of their own calendar''s events: [{kind, id, startsAt, '
  'endsAt, name}], kind being appointment or event; name is null of a private event. Row level security decides.';
grant execute on function public.busy_times(uuid, timestamptz, timestamptz) to authenticated;

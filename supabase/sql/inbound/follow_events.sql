create or replace function private.follow_events(p_run private.import_runs, p_untouched uuid[]) returns void
language plpgsql security definer set search_path = ''
as $$
begin
  -- Text of private events, and of appointments whose patient was erased, is not taken over.
  update public.rdv r set
    starts_at = n.starts_at, ends_at = n.ends_at, location = n.location, type = n.type, notes = n.notes
  from (
    select x.id,
      case when u.untouched and u.bookable then s.start_at else x.starts_at end as starts_at,
      case when u.untouched and u.bookable then s.end_at else x.ends_at end as ends_at,
      case when u.untouched then nullif(s.location, '') else x.location end as location,
      case when u.untouched then private.imported_type(s.title) else x.type end as type,
      case when x.notes is not distinct from e.description then nullif(s.description, '') else x.notes end as notes
    from private.import_staging y
    join public.external_events e on e.id = y.known_id
    join public.rdv x on x.id = e.cassius_appointment_id
    cross join lateral (select y.visibility <> 'private' and e.erased_at is null as open) o
    cross join lateral (
      select y.start_at, y.end_at, case when o.open then y.title end as title,
        case when o.open then y.location end as location, case when o.open then y.description end as description
    ) s
    cross join lateral (
      select x.id = any (p_untouched) as untouched, not y.all_day and y.end_at > y.start_at as bookable
    ) u
    where y.run_id = p_run.id and y.action = 'update'
  ) n
  where r.id = n.id and (r.starts_at, r.ends_at, r.location, r.type, r.notes)
    is distinct from (n.starts_at, n.ends_at, n.location, n.type, n.notes);
  update public.rdv r set status = case s.action when 'cancel' then 'cancelled' else 'scheduled' end
  from private.import_staging s
  join public.external_events e on e.id = s.known_id
  where s.run_id = p_run.id and r.id = e.cassius_appointment_id and (
    s.action = 'cancel' and r.status in ('scheduled', 'confirmed')
    or s.action = 'update' and e.status = 'cancelled' and r.status = 'cancelled' and r.id = any (p_untouched)
  );
end
$$;
comment on function private.follow_events(private.import_runs, uuid[]) is
  'Before the events are written: appointments made of them move, end and come back with them, and take their text; '
  'whole days and no length are no time of theirs. p_untouched: those that still are as their event was; notes follow '
  'as long as they are the event''s own.';

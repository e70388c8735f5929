create or replace function private.forget_private_events(p_run private.import_runs) returns void
language plpgsql security definer set search_path = ''
as $$
declare
  v_events uuid[];
begin
  select array_agg(e.id) into v_events
  from private.import_staging s
  join public.external_events e
    on e.organisation_id = p_run.organisation_id and e.external_calendar_id = p_run.calendar_id
      and e.external_event_id = s.event_id
  where s.run_id = p_run.id and s.visibility = 'private' and e.visibility <> 'private';
  if v_events is null then
    return;
  end if;
  perform private.forget_event_text(v_events, true);
  update public.external_events e set visibility = 'private' where e.id = any (v_events);
end
$$;
comment on function private.forget_private_events(private.import_runs) is
  'Events of others that this reading found private now: their text goes at once, whatever else the run does.';

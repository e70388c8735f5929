create or replace function private.mark_changed_organisations() returns trigger
language plpgsql security definer set search_path = ''
as $$
declare
  v_provider text;
begin
  if (old.timezone, old.event_title_template, old.event_language, old.default_duration_minutes) is not distinct from
    (new.timezone, new.event_title_template, new.event_language, new.default_duration_minutes) then
    return null;
  end if;
  for v_provider in
    select i.provider from public.calendar_integrations i
    where i.organisation_id = new.id and private.mark_integration(i.id, false) > 0
      and private.paused(i.organisation_id, i.provider) is null
    group by i.provider
  loop
    perform private.nudge(v_provider);
  end loop;
  return null;
end
$$;
comment on function private.mark_changed_organisations() is
  'Template, language, zone and default duration show in every event of the practice.';

create or replace function private.forget_decisions() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  delete from private.decisions d using public.sync_conflicts k
  where k.id = d.conflict_id and case tg_table_name
    when 'sync_conflicts' then k.id = new.id
    when 'calendar_integrations' then k.integration_id = new.id
    else exists (
      select from public.external_events e
      where e.id = new.id and e.integration_id = k.integration_id and e.external_event_id = k.external_id
    )
  end;
  return null;
end
$$;
comment on function private.forget_decisions() is
  'Row trigger: what was kept to take a decision back goes with what it is about: a connection that ends, another '
  'calendar or scope, an event that became private, a patient who is erased.';

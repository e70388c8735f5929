create or replace function private.recheck_scope() returns trigger
language plpgsql security definer set search_path = ''
as $$
declare
  v_integration uuid;
  v_connection public.calendar_integrations;
begin
  if private.may_cover_practice(old.organisation_id, old.user_id) then
    return null;
  end if;
  -- Those that are disconnected too: a connection that returns must not return with the old scope.
  for v_integration in
    select c.id from public.calendar_integrations c
    where c.organisation_id = old.organisation_id and c.user_id = old.user_id and c.scope = 'organisation'
    order by c.id
  loop
    v_connection := private.lock_connection(v_integration);
    update public.calendar_integrations c set scope = 'practitioner' where c.id = v_integration;
    if private.is_member(old.organisation_id, old.user_id) then
      perform private.close_questions_about_colleagues(v_connection);
      if not v_connection.export_enabled then
        perform private.take_back_colleagues(v_connection);
      end if;
      -- Each mark is a new version: what a worker read under the old scope does not count any more.
      if private.mark_integration(v_integration, false) > 0 then
        perform private.nudge(v_connection.provider);
      end if;
    end if;
  end loop;
  return null;
end
$$;
comment on function private.recheck_scope() is
  'After-row trigger: without the role that it needs, scope organisation falls back to practitioner, and the events '
  'of colleagues are removed, by the export where it runs.';

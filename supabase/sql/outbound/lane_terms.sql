create or replace function private.lane_terms(p_connection public.calendar_integrations) returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
begin
  return (
    select jsonb_build_object(
      'settings', jsonb_build_object(
        'calendarTargetId', p_connection.calendar_target_id, 'eventDetail', coalesce(p_connection.event_detail, 'busy'),
        'twoWay', p_connection.two_way,
        'scope', p_connection.scope, 'userId', p_connection.user_id, 'exportFrom', p_connection.export_from,
        'removing', p_connection.removing_events_since is not null
      ),
      'organisation', jsonb_build_object(
        'timezone', g.timezone, 'titleTemplate', g.event_title_template, 'language', g.event_language,
        'defaultDurationMinutes', g.default_duration_minutes
      )
    )
    from public.organisations g where g.id = p_connection.organisation_id
  );
end
$$;
comment on function private.lane_terms(public.calendar_integrations) is
  'What deciding about any appointment of a lane needs: {settings, organisation}.';

create or replace function private.lane_terms(i public.calendar_integrations) returns jsonb
language sql stable security definer set search_path = ''
as $$
  select jsonb_build_object(
    'settings', jsonb_build_object(
      'calendarTargetId', i.calendar_target_id, 'eventDetail', coalesce(i.event_detail, 'busy'), 'twoWay', i.two_way,
      'scope', i.scope, 'userId', i.user_id, 'exportFrom', i.export_from,
      'removing', i.removing_events_since is not null
    ),
    'organisation', jsonb_build_object(
      'timezone', g.timezone, 'titleTemplate', g.event_title_template,
      'defaultDurationMinutes', g.default_duration_minutes
    )
  )
  from public.organisations g where g.id = i.organisation_id;
$$;
comment on function private.lane_terms(public.calendar_integrations) is
  'What deciding about any appointment of a lane needs: {settings, organisation}.';

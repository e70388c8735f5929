create or replace function public.import_claim(
  p_worker uuid, p_provider text, p_max_lanes integer, p_lease_seconds integer,
  p_project_units_per_minute integer default null, p_joins boolean default false
) returns jsonb
language plpgsql security definer set search_path = '' set statement_timeout = '10s'
set plan_cache_mode = force_generic_plan set enable_seqscan = off
as $$
declare
  v_now timestamptz := private.clock();
  v_lanes jsonb := '[]'::jsonb;
  v_troubled jsonb := '[]'::jsonb;
  v_lane jsonb;
  v_state text;
  v_due record;
  v_connection public.calendar_integrations;
  v_project private.project_budgets;
  v_passed uuid[];
  v_joined boolean;
  v_heeded boolean;
  v_scarce boolean;
  v_seen integer := 0;
  v_count integer;
  v_next integer;
begin
  if private.paused(null, p_provider) is not null then
    return jsonb_build_object('lanes', v_lanes, 'troubled', v_troubled, 'nextDueInMs', null);
  end if;
  v_joined := not p_joins or private.has_place(p_provider, 'import', p_worker);
  v_project := private.hold_project(p_provider, p_project_units_per_minute);
  v_scarce := coalesce(v_project.units < v_project.capacity / 4 + 1, false);
  v_passed := private.practices_over_share(v_project);
  v_heeded := private.heed_calendar_notices(p_provider);
  -- A quarter of the project's units is kept for what people wait for. A worker for whom there is no place reads what
  -- it may have been woken for, and ends.
  for v_due in
    select * from private.import_due(
      p_provider, p_max_lanes * 3, case when v_scarce then 1 when v_joined then 3 else 2 end, v_passed)
  loop
    exit when jsonb_array_length(v_lanes) >= p_max_lanes or v_state = '57014'
      or v_project.units - jsonb_array_length(v_lanes) < 1;
    v_seen := v_seen + 1;
    v_state := null;
    begin
      perform 1 from private.calendar_cursors c
      where c.integration_id = v_due.integration_id and c.calendar_id = v_due.calendar_id
        and (c.lease_until is null or c.lease_until <= v_now)
      for no key update skip locked;
      continue when not found;
      select * into v_connection from public.calendar_integrations x where x.id = v_due.integration_id;
      if private.follows(v_connection, v_due.calendar_id) is null and not exists (
        select from private.import_requests q
        where q.integration_id = v_due.integration_id and q.calendar_id = v_due.calendar_id and q.result is null
      ) then
        -- Its row came into being while the connection ended, or the last event of ours has left it.
        update private.calendar_cursors c set followed = null, told_at = null
        where c.integration_id = v_due.integration_id and c.calendar_id = v_due.calendar_id;
        delete from private.calendar_notices n
        where n.integration_id = v_due.integration_id and n.calendar_id = v_due.calendar_id;
        continue;
      end if;
      v_lane := private.start_import(v_connection, v_due.calendar_id, p_worker, p_lease_seconds);
      v_lanes := v_lanes || coalesce(v_lane, '[]'::jsonb);
    exception
      -- Where the statement's time is over this calendar is marked, and the others come with the next claim.
      when query_canceled or others then
        v_state := sqlstate;
    end;
    continue when v_state is null;
    perform private.calendar_trouble(v_due.integration_id, v_due.calendar_id);
    v_troubled := v_troubled || jsonb_build_object(
      'integrationId', v_due.integration_id, 'organisationId', v_connection.organisation_id,
      'calendarId', v_due.calendar_id, 'code', 'IMPORT_FAILED', 'sqlState', v_state
    );
  end loop;
  -- The first request of each reading: that of one without news is the only one. Pages are paid when they are staged.
  v_count := jsonb_array_length(v_lanes);
  perform private.spend_project(v_project, v_count);
  v_scarce := coalesce(v_project.units < v_project.capacity / 2, false);
  v_next := case
    when not v_joined then null
    -- There may be more.
    when v_count > 0 and (v_count = p_max_lanes or v_seen = p_max_lanes * 3 or v_scarce or v_passed <> '{}') then 0
    when jsonb_array_length(v_troubled) > 0 then 100
    -- Units come back in seconds. What else is due later is found by the sweep.
    when v_count = 0 and v_scarce and exists (select from private.import_due(p_provider, 1)) then 1000
    -- A calendar that a worker gives back at this moment may have been told of since that looked.
    when not v_heeded then 100
  end;
  if p_joins and v_next is not null then
    v_next := case when private.take_place(p_provider, 'import', p_worker) then v_next end;
  elsif p_joins then
    perform private.leave_places(array[p_worker]);
  end if;
  return jsonb_build_object('lanes', v_lanes, 'troubled', v_troubled, 'nextDueInMs', v_next);
end
$$;
comment on function public.import_claim(uuid, text, integer, integer, integer, boolean) is
  'Service only: leases calendars that are due. One that cannot be handed out is marked and reported in troubled '
  '({integrationId, organisationId, calendarId, code, sqlState}); the others go on. p_project_units_per_minute and '
  'p_joins: as of public.sync_claim. nextDueInMs: when something more may be claimed that is worth waiting for.';
grant execute on function public.import_claim(uuid, text, integer, integer, integer, boolean) to service_role;

create or replace function public.import_claim(
  p_worker uuid, p_provider text, p_max_lanes integer, p_lease_seconds integer
) returns jsonb
language plpgsql security definer set search_path = '' set statement_timeout = '10s'
as $$
declare
  v_now timestamptz := private.clock();
  v_lanes jsonb := '[]'::jsonb;
  v_troubled jsonb := '[]'::jsonb;
  v_lane jsonb;
  v_state text;
  v_due record;
  v_connection public.calendar_integrations;
  v_next timestamptz;
  v_stopped uuid[] := private.paused_practices();
begin
  if private.paused(null, p_provider) is not null then
    return jsonb_build_object('lanes', v_lanes, 'nextDueInMs', null, 'troubled', v_troubled);
  end if;
  perform private.heed_calendar_notices(p_provider);
  for v_due in select * from private.import_due(p_provider, p_max_lanes * 3) loop
    exit when jsonb_array_length(v_lanes) >= p_max_lanes or v_state = '57014';
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
  if jsonb_array_length(v_lanes) + jsonb_array_length(v_troubled) = 0 then
    select c.next_poll_at into v_next from private.calendar_cursors c
    where c.provider = p_provider and c.followed is not null
      and (c.lease_until is null or c.lease_until <= v_now) and c.organisation_id <> all (v_stopped)
    order by c.next_poll_at limit 1;
  end if;
  return jsonb_build_object(
    'lanes', v_lanes, 'troubled', v_troubled,
    'nextDueInMs', case when v_next is not null then ceil(extract(epoch
      from greatest(v_next - v_now, interval '0')) * 1000) end
  );
end
$$;
comment on function public.import_claim(uuid, text, integer, integer) is
  'Service only: leases calendars that are due. One that cannot be handed out is marked and reported in troubled '
  '({integrationId, organisationId, calendarId, code, sqlState}); the others go on.';
grant execute on function public.import_claim(uuid, text, integer, integer) to service_role;

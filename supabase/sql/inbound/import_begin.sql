create or replace function public.import_begin(
  p_organisation uuid, p_user uuid, p_provider text, p_calendar text, p_from timestamptz, p_to timestamptz, p_mode text,
  p_worker uuid, p_lease_seconds integer, p_fingerprint text default null, p_items_limit integer default 0,
  p_work boolean default true
) returns jsonb
language plpgsql security definer set search_path = '' set statement_timeout = '8s'
as $$
declare
  v_now timestamptz := private.clock();
  v_lane jsonb;
  v_connection public.calendar_integrations;
  v_request private.import_requests;
begin
  select * into v_connection from private.person_connection(p_organisation, p_user, p_provider) x
  where x.disconnected_at is null and x.removing_events_since is null;
  if not found then
    raise exception 'NOT_CONNECTED' using errcode = 'P0001';
  elsif v_connection.status = 'reconnect_required' then
    raise exception 'NEED_RECONSENT' using errcode = 'P0001';
  elsif private.paused(v_connection.organisation_id, v_connection.provider) is not null then
    raise exception 'SYNC_PAUSED' using errcode = 'P0001';
  end if;
  insert into private.calendar_cursors (integration_id, calendar_id, organisation_id, provider, next_poll_at)
  values (v_connection.id, p_calendar, v_connection.organisation_id, v_connection.provider,
    v_now + private.jittered(private.import_interval(v_connection.provider, false)))
  on conflict (integration_id, calendar_id) do nothing;
  delete from private.import_requests x
  where x.integration_id = v_connection.id and x.calendar_id = p_calendar
    and x.answered_at < v_now - interval '1 minute';
  insert into private.import_requests as x
    (integration_id, calendar_id, mode, window_from, window_to, fingerprint, items_limit, asked_at, asker)
  values (v_connection.id, p_calendar, p_mode, p_from, p_to, p_fingerprint, p_items_limit, v_now, p_worker)
  on conflict (integration_id, calendar_id, mode, window_from, window_to, fingerprint) do update
  set asker = excluded.asker
  returning * into v_request;
  if v_request.result is not null then
    delete from private.import_requests x where x.run_id = v_request.run_id;
  elsif p_work then
    perform 1 from private.calendar_cursors c
    where c.integration_id = v_connection.id and c.calendar_id = p_calendar
      and (c.lease_until is null or c.lease_until <= v_now)
    for no key update skip locked;
    if found then
      v_lane := private.start_import(v_connection, p_calendar, p_worker, p_lease_seconds);
    end if;
  end if;
  return jsonb_build_object('runId', v_request.run_id, 'lane', v_lane, 'result', v_request.result);
end
$$;
comment on function public.import_begin(uuid, uuid, text, text, timestamptz, timestamptz, text, uuid, integer, text,
  integer, boolean) is
  'Service only: a person''s import or preview of one calendar, asked for again until it has its result. The same '
  'question joins the run that answers it; lane: what the asker may read itself, null while another reads or where '
  'p_work says no. Raises NOT_CONNECTED, NEED_RECONSENT, SYNC_PAUSED.';
grant execute on function
  public.import_begin(uuid, uuid, text, text, timestamptz, timestamptz, text, uuid, integer, text, integer, boolean)
to service_role;

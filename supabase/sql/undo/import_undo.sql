create or replace function public.import_undo(p_organisation uuid, p_user uuid, p_provider text, p_run uuid)
returns jsonb
language plpgsql security definer set search_path = '' set statement_timeout = '25s'
as $$
declare
  v_connection public.calendar_integrations := private.connection_of(p_organisation, p_user, p_provider);
  v_run public.sync_runs;
  v_new_rdvs uuid[];
  v_new_events uuid[];
  v_rdvs uuid[];
  v_events uuid[];
  v_names text[];
  v_result jsonb;
  v_off boolean := false;
begin
  if v_connection.id is null or v_connection.removing_events_since is not null then
    raise exception 'NOT_CONNECTED' using errcode = 'P0001';
  end if;
  select * into v_run from public.sync_runs u
  where u.id = p_run and u.integration_id = v_connection.id and u.direction = 'import' and u.mode = 'import'
    and u.finished_at is not null
  for update;
  if v_run.id is null then
    raise exception 'RUN_NOT_FOUND' using errcode = 'P0001';
  elsif v_run.undone_at is not null then
    return '{"created": 0, "updated": 0, "cancelled": 0, "kept": [], "importEnded": false}'::jsonb;
  end if;
  -- In the order of an import: the calendar, appointments, then events.
  perform from private.calendar_cursors c
  where c.integration_id = v_connection.id and c.calendar_id = v_run.calendar_id for update;
  perform from public.rdv r
  where r.id in (select p.rdv_id from private.undo_plan(v_run) p) order by r.id for update;
  perform from public.external_events e
  where e.id in (select p.event_id from private.undo_plan(v_run) p) order by e.id for update;

  select array_agg(p.rdv_id) filter (where p.put_back and p.action = 'create'),
    array_agg(p.event_id) filter (where p.put_back and p.action = 'create'),
    array_agg(p.rdv_id) filter (where p.put_back and p.action <> 'create'),
    array_agg(p.event_id) filter (where p.put_back and p.action <> 'create'),
    array_agg(p.external_event_id) filter (where p.put_back and p.event_id is not null),
    jsonb_build_object(
      'created', count(*) filter (where p.put_back and p.action = 'create'),
      'updated', count(*) filter (where p.put_back and p.action = 'update'),
      'cancelled', count(*) filter (where p.put_back and p.action = 'cancel'),
      'kept', coalesce(jsonb_agg(jsonb_build_object(
        'eventId', p.external_event_id, 'rdvId', p.rdv_id, 'action', p.action,
        'reason', case when p.gone then 'gone' else 'changed' end
      )) filter (where not p.put_back), '[]'::jsonb))
    into v_new_rdvs, v_new_events, v_rdvs, v_events, v_names, v_result
  from private.undo_plan(v_run) p;

  delete from public.rdv r where r.id = any (v_new_rdvs);
  -- Both write what they were before: locked, and read before the trigger forgets it.
  update public.rdv r set (starts_at, ends_at, status, location) = (
    select x.starts_at, x.ends_at, x.status, x.location
    from private.before_import b cross join lateral jsonb_populate_record(r, b.before) x
    where b.row_id = r.id and b.table_name = 'rdv'
  )
  where r.id = any (v_rdvs);
  delete from public.external_events e where e.id = any (v_new_events);
  -- Without its version: the next reading takes it over anew.
  update public.external_events e set etag = null, (start_at, end_at, all_day, start_day, end_day, status) = (
    select x.start_at, x.end_at, x.all_day, x.start_day, x.end_day, x.status
    from private.before_import b cross join lateral jsonb_populate_record(e, b.before) x
    where b.row_id = e.id and b.table_name = 'external_events'
  )
  where e.id = any (v_events);

  if cardinality(v_names) > 0 then
    perform private.close_undone(v_connection.id, v_run.calendar_id, v_names, v_new_rdvs);
    -- The next reading would bring it all again. Switched on once more, or asked for, the calendar is read as a whole.
    update public.calendar_integrations i set import_enabled = false
    where i.id = v_connection.id and i.import_enabled and i.calendar_source_id = v_run.calendar_id;
    v_off := found;
    update private.calendar_cursors c set sync_token = null
    where c.integration_id = v_connection.id and c.calendar_id = v_run.calendar_id;
  end if;
  update public.sync_runs u set undone_at = private.clock() where u.id = v_run.id;
  return v_result || jsonb_build_object('importEnded', v_off);
end
$$;
comment on function public.import_undo(uuid, uuid, text, uuid) is
  'Service only: takes back what an import of the person''s own connection created, changed and cancelled here, where '
  'nothing has changed it since. Gives ImportUndone of contract/import.ts. Raises NOT_CONNECTED or RUN_NOT_FOUND.';
grant execute on function public.import_undo(uuid, uuid, text, uuid) to service_role;

create or replace function private.import_sweep() returns integer
language plpgsql security definer set search_path = ''
as $$
declare
  v_provider text;
  v_sent integer := 0;
  v_due bigint;
begin
  -- An answer that was not collected shows what is in a calendar: it is not kept.
  delete from private.import_requests q where q.answered_at < private.clock() - interval '1 minute';
  perform private.heed_calendar_notices(null);
  foreach v_provider in array private.providers() loop
    select count(*) into v_due from private.import_due(v_provider, 4 * private.most_workers(v_provider));
    for v_worker in 1 .. private.workers_wanted(v_provider, 'import', v_due, 4) loop
      v_sent := v_sent + private.nudge(v_provider, 'import')::integer;
    end loop;
  end loop;
  return v_sent;
end
$$;
comment on function private.import_sweep() is
  'Every minute: wakes as many workers of each provider''s import as the calendars are worth that are due, one for '
  'four.';

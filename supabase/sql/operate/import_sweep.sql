create or replace function private.import_sweep() returns integer
language plpgsql security definer set search_path = ''
as $$
declare
  v_provider text;
  v_sent integer := 0;
begin
  -- An answer that was not collected shows what is in a calendar: it is not kept.
  delete from private.import_requests q where q.answered_at < private.clock() - interval '1 minute';
  perform private.heed_calendar_notices(null);
  foreach v_provider in array private.providers() loop
    if exists (select from private.import_due(v_provider, 1)) and private.nudge(v_provider, 'import') then
      v_sent := v_sent + 1;
    end if;
  end loop;
  return v_sent;
end
$$;
comment on function private.import_sweep() is
  'Every minute: nudges the import of each provider for which a calendar is due.';

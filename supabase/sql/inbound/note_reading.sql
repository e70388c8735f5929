create or replace function private.note_reading(p_run private.import_runs, p_others boolean) returns void
language plpgsql security definer set search_path = ''
as $$
begin
  update private.calendar_cursors c set checked_at = now()
  where c.integration_id = p_run.integration_id and c.calendar_id = p_run.calendar_id;
  update public.calendar_integrations i set last_import_at = private.clock()
  where i.id = p_run.integration_id and p_others;
end
$$;
comment on function private.note_reading(private.import_runs, boolean) is
  'Up to when appointments were compared with the events of a calendar, and when its person''s last import was.';

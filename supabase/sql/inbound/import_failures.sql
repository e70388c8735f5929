create or replace function private.import_failures(
  p_run private.import_runs, p_tally private.import_tally
) returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
begin
  if p_tally.failed = 0 then
    return '[]'::jsonb;
  end if;
  return (
    select coalesce(jsonb_agg(jsonb_build_object('eventId', s.event_id, 'code', s.reason)), '[]'::jsonb)
    from private.import_staging s where s.run_id = p_run.id and s.action = 'fail'
  );
end
$$;
comment on function private.import_failures(private.import_runs, private.import_tally) is
  'The events that could not be taken over: [{eventId, code}].';

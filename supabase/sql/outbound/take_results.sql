create or replace function private.take_results(p_integration uuid, p_results jsonb, p_run uuid)
returns private.job_result[]
language plpgsql security definer set search_path = ''
as $$
begin
  return array(
    select row(
      x."rdvId", x.version, x.outcome, x.action, x.reason, x."delaySeconds", x.error,
      x.conflict ->> 'reason', nullif(x.conflict -> 'payload', 'null'),
      x.link ->> 'calendarId', x.link ->> 'eventId', (x.link ->> 'epoch')::integer, x.link ->> 'etag',
      (x.link ->> 'state')::private.link_state, nullif(x.link -> 'pushed', 'null'), nullif(x.link -> 'base', 'null'),
      nullif(x.link -> 'place', 'null'), q.version <> x.version, coalesce(q.run_id, p_run), q.run_id is not null,
      q.queue_row, x.link ->> 'targetCalendarId'
    )::private.job_result
    from (
      select * from jsonb_to_recordset(p_results) as given (
        "rdvId" uuid, version bigint, outcome text, action text, reason text,
        "delaySeconds" double precision, error jsonb, conflict jsonb, link jsonb)
      order by given."rdvId"
    ) x
    -- Each is looked up by its whole key, whatever the planner takes a queue to hold.
    cross join lateral (
      select o.version, o.run_id, o.ctid as queue_row from private.sync_outbox o
      where o.integration_id = p_integration and o.rdv_id = x."rdvId"
      for update skip locked
    ) q
  );
end
$$;
comment on function private.take_results(uuid, jsonb, uuid) is
  'Locks the queue rows of these results, as far as they can be had at once, and gives those results with what their '
  'rows say now. p_results: JobResult[] of the outbound port. p_run: the run that counts what no manual run asked for.';

create or replace function private.take_results(p_integration uuid, p_results jsonb, p_run uuid)
returns private.job_result[]
language sql security definer set search_path = ''
as $$
  select coalesce(array_agg(k.result), '{}')
  from (
    select row(
      x."rdvId", x.version, x.outcome, x.action, x.reason, x."delaySeconds", x.error, c.reason, c.payload,
      l."calendarId", l."eventId", l.epoch, l.etag, l.state, l.pushed, l.base,
      l.place, q.version <> x.version, coalesce(q.run_id, p_run), q.run_id is not null
    )::private.job_result as result
    from jsonb_to_recordset(p_results) as x (
      "rdvId" uuid, version bigint, outcome text, action text, reason text,
      "delaySeconds" double precision, error jsonb, conflict jsonb, link jsonb)
    cross join jsonb_to_record(x.conflict) as c (reason text, payload jsonb)
    cross join jsonb_to_record(x.link) as l (
      "calendarId" text, "eventId" text, epoch integer, etag text, state private.link_state, pushed jsonb, base jsonb,
      place jsonb)
    join private.sync_outbox q on q.integration_id = p_integration and q.rdv_id = x."rdvId"
    order by q.rdv_id
    for update of q skip locked
  ) k;
$$;
comment on function private.take_results(uuid, jsonb, uuid) is
  'Locks the queue rows of these results, as far as they can be had at once, and gives those results with what their '
  'rows say now. p_results: JobResult[] of the outbound port. p_run: the run that counts what no manual run asked for.';

create or replace function private.change_fingerprint(
  p_run private.import_runs, p_verdicts private.verdict[], p_unchecked integer
) returns text
language plpgsql stable security definer set search_path = ''
as $$
begin
  return (
    select md5(coalesce(string_agg(d.line, ',' order by d.line), '') || p_unchecked)
    from (
      select s.event_id || ':' || s.action || ':' || coalesce(s.etag, '') as line
      from private.import_staging s where s.run_id = p_run.id and s.action in ('create', 'update', 'cancel', 'fail')
      union all
      select v.event_id || ':' || v.kind || ':' || coalesce(v.etag, '')
      from unnest(p_verdicts) v where v.kind not in ('echo', 'wait')
    ) d
  );
end
$$;
comment on function private.change_fingerprint(private.import_runs, private.verdict[], integer) is
  'Names everything that a run would do: the same for the preview and the import of the same calendar.';

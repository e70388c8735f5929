create or replace function private.mass_fingerprint(
  p_run private.import_runs, p_verdicts private.verdict[], p_unchecked integer
) returns text
language sql stable security definer set search_path = ''
as $$
  select md5(coalesce(string_agg(d.line, ',' order by d.line), '') || p_unchecked)
  from (
    select w.event_id || ':' || w.action || ':' || coalesce(w.etag, '') as line from private.weighty_changes(p_run) w
    union all
    select v.event_id || ':' || v.kind || ':' || coalesce(v.etag, '') from unnest(p_verdicts) v
    where v.weight is not null
  ) d;
$$;
comment on function private.mass_fingerprint(private.import_runs, private.verdict[], integer) is
  'Names what of a run is too much at once, whatever else comes in with it: a person''s decision is about this.';

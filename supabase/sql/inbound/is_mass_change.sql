create or replace function private.is_mass_change(
  p_run private.import_runs, p_verdicts private.verdict[], p_unchecked integer
) returns boolean
language plpgsql stable security definer set search_path = ''
as $$
declare
  v_changes integer;
begin
  select (
    (select count(*) from unnest(p_verdicts) v where v.weight is not null) + (
      -- A series is deleted or moved once.
      select count(distinct w.series_id) from private.weighty_changes(p_run) w
    )
  ) into v_changes;
  -- What is known is counted only where it is in question: that looks at all of it.
  return p_unchecked > 0 or case when v_changes > 10 then v_changes > private.known_events(p_run) * 0.3 else false end;
end
$$;
comment on function private.is_mass_change(private.import_runs, private.verdict[], integer) is
  'Whether more would go or move than is believed without a person: more than ten, and more than three tenths of what '
  'is known; or so much is missing that it was not asked after one by one (p_unchecked).';

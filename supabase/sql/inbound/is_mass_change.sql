create or replace function private.is_mass_change(
  p_run private.import_runs, p_verdicts private.verdict[], p_unchecked integer, p_known integer
) returns boolean
language plpgsql stable security definer set search_path = ''
as $$
begin
  return (
    select p_unchecked > 0 or (
      (select count(*) from unnest(p_verdicts) v where v.weight is not null) + (
        -- A series is deleted or moved once.
        select count(distinct w.series_id) from private.weighty_changes(p_run) w
      )
    ) > greatest(10, p_known * 0.3)
  );
end
$$;
comment on function private.is_mass_change(private.import_runs, private.verdict[], integer, integer) is
  'Whether more would go or move than is believed without a person: more than ten, and more than three tenths of what '
  'is known; or so much is missing that it was not asked after one by one (p_unchecked).';

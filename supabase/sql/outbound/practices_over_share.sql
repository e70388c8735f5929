create or replace function private.practices_over_share(p_held private.project_budgets) returns uuid[]
language plpgsql stable security definer set search_path = ''
as $$
begin
  if p_held.provider is null or p_held.units >= p_held.capacity / 2 then
    return '{}';
  end if;
  return (
    select coalesce(array_agg(s.organisation_id), '{}') from private.practice_shares s
    where s.provider = p_held.provider and s.paid_until > private.clock() + interval '1 minute'
  );
end
$$;
comment on function private.practices_over_share(private.project_budgets) is
  'The practices that wait while the project''s quota is scarce, for they have had more than their share of it: fewer '
  'than a few dozen, because all shares come from one quota. None where there is plenty.';

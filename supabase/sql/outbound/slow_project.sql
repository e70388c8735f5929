create or replace function private.slow_project(p_provider text, p_seconds double precision) returns void
language plpgsql security definer set search_path = ''
as $$
declare
  v_until timestamptz := private.clock() + make_interval(secs => p_seconds);
begin
  -- Those who release their lanes meanwhile give units back: they are not spent before.
  perform from private.project_budgets b where b.provider = p_provider order by b.part for update;
  update private.project_budgets b set
    units = least(b.units, 0),
    refilled_at = greatest(b.refilled_at, v_until), refused_until = greatest(b.refused_until, v_until)
  where b.provider = p_provider;
end
$$;
comment on function private.slow_project(text, double precision) is
  'The provider has refused for our project''s sake: nothing is begun for so long, and then with an empty bucket.';

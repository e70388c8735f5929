create or replace function private.spend_project(p_held private.project_budgets, p_units numeric) returns void
language plpgsql security definer set search_path = ''
as $$
begin
  if p_held.provider is not null and p_units <> 0 then
    update private.project_budgets b set
      units = p_held.units - p_units, capacity = p_held.capacity, rate = p_held.rate, refilled_at = p_held.refilled_at
    where b.provider = p_held.provider and b.part = p_held.part;
  end if;
end
$$;
comment on function private.spend_project(private.project_budgets, numeric) is
  'Takes units from a part of the project''s bucket that this transaction holds.';

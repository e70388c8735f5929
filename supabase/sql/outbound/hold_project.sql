create or replace function private.hold_project(p_provider text, p_units_per_minute integer)
returns private.project_budgets
language plpgsql security definer set search_path = ''
as $$
declare
  v_parts constant integer := 2;
  v_now timestamptz := private.clock();
  v_limit integer := private.project_limit(p_provider, p_units_per_minute);
  -- 5 % at once, 92 % a minute, and 3 % that may be spent late: never more than the limit in any minute. The less at
  -- once, the nearer may the rate come to the limit. Of a very small quota more at once: one appointment has to come
  -- to its end.
  v_capacity numeric := greatest(60, v_limit * 0.05 / v_parts);
  v_rate numeric := v_limit * 0.92 / 60 / v_parts;
  v_any integer := 1 + floor(random() * v_parts);
  v_part private.project_budgets;
begin
  if v_limit is null then
    return null;
  end if;
  select * into v_part from private.project_budgets b where b.provider = p_provider
  order by b.units desc limit 1 for update skip locked;
  if not found then
    insert into private.project_budgets (provider, part, units, capacity, rate, refilled_at)
    select p_provider, n, v_capacity, v_capacity, v_rate, v_now from generate_series(1, v_parts) n
    on conflict (provider, part) do nothing;
    -- All are held: any will soon be free.
    select * into v_part from private.project_budgets b
    where b.provider = p_provider and b.part = v_any for update;
  end if;
  v_part.capacity := v_capacity;
  v_part.rate := v_rate;
  v_part.units := least(
    v_capacity, v_part.units + v_rate * greatest(0, extract(epoch from v_now - v_part.refilled_at)));
  v_part.refilled_at := greatest(v_part.refilled_at, v_now);
  if v_part.refused_until > v_now then
    v_part.units := least(v_part.units, 0);
  end if;
  return v_part;
end
$$;
comment on function private.hold_project(text, integer) is
  'Locks a part of the project''s bucket until the transaction ends, and gives it as it is now; private.spend_project '
  'writes it. Null where the provider has no such quota. p_units_per_minute: the quota, unless app_config says '
  'another.';

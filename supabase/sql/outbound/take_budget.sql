create or replace function private.take_budget(
  p_integration uuid, p_provider text, p_account text, p_units_per_minute integer, p_most integer
) returns integer
language plpgsql security definer set search_path = ''
as $$
declare
  v_now timestamptz := private.clock();
  v_limit integer := p_units_per_minute;
  v_override text;
  v_units numeric;
  v_waiting integer;
  v_capacity numeric;
  v_batch numeric;
  v_rate numeric;
begin
  select c.value into v_override from private.app_config c where c.key = 'units_per_minute.' || p_provider;
  if v_override is not null then
    v_limit := nullif(v_override::integer, 0);
  end if;
  if v_limit is null then
    return p_most;
  end if;
  -- A tenth at once, eight tenths a minute, and a tenth that may be spent late: never more than the limit in any
  -- minute.
  v_capacity := v_limit * 0.1;
  v_batch := floor(v_capacity * 5 / 6);
  v_rate := v_limit * 0.8 / 60;
  insert into private.account_budgets as b (provider, account_id, units, refilled_at)
  values (p_provider, p_account, v_capacity, v_now)
  on conflict (provider, account_id) do update set
    units = least(v_capacity, b.units + v_rate * greatest(0, extract(epoch from v_now - b.refilled_at))),
    refilled_at = v_now
  returning units into v_units;
  v_waiting := private.waiting(p_integration);
  -- One change goes as soon as it is affordable; a backlog waits for a batch worth a round trip.
  if v_units < greatest(3, least(v_batch, v_waiting)) then
    update private.sync_lanes l set paused_until =
      v_now + make_interval(secs => greatest(0, least(v_batch, 3 * v_waiting) - v_units) / v_rate)
    where l.integration_id = p_integration;
    return 0;
  end if;
  v_units := least(floor(v_units), p_most);
  update private.account_budgets b set units = b.units - v_units
  where b.provider = p_provider and b.account_id = p_account;
  return v_units;
end
$$;
comment on function private.take_budget(uuid, text, text, integer, integer) is
  'Takes what the account''s token bucket holds; null: unlimited; 0: too little, and the lane is paused until there is '
  'enough for what waits, or most of a bucket. p_most: units that the '
  'project allows it, null: any number.';

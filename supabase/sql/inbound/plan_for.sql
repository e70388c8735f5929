create or replace function private.plan_for(p_events integer) returns void
language plpgsql volatile set search_path = ''
as $$
begin
  if p_events > 100 then
    perform set_config('plan_cache_mode', 'force_custom_plan', true);
  end if;
end
$$;
comment on function private.plan_for(integer) is
  'What its caller does from here on is planned for what the tables hold now where it has much to do; else planning '
  'would cost more than it saves, and the session''s plan stays. For functions that set plan_cache_mode themselves, '
  'which ends with them.';

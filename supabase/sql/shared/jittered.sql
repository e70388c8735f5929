create or replace function private.jittered(p_interval interval) returns interval
language plpgsql volatile set search_path = ''
as $$
begin
  return p_interval * (0.85 + 0.3 * random());
end
$$;
comment on function private.jittered(interval) is 'Spreads what would otherwise be due for all at the same moment.';

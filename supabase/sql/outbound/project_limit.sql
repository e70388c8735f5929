create or replace function private.project_limit(p_provider text, p_units_per_minute integer) returns integer
language plpgsql stable security definer set search_path = ''
as $$
begin
  return nullif(
    coalesce(
      (
        select c.value::integer from private.app_config c
        where c.key = 'project_units_per_minute.' || p_provider
      ),
      p_units_per_minute
    ),
    0
  );
end
$$;
comment on function private.project_limit(text, integer) is
  'Units that our project at a provider may spend in a minute: as app_config says (0: any number), else as the '
  'provider gives to each project (p_units_per_minute). Null: there is no such quota.';

create or replace function private.most_workers(p_provider text) returns integer
language plpgsql stable security definer set search_path = ''
as $$
begin
  return coalesce((select c.value::integer from private.app_config c where c.key = 'workers.' || p_provider), 8);
end
$$;
comment on function private.most_workers(text) is
  'How many workers of each of a provider''s functions go on from one claim to the next at the same time.';

create or replace function private.waiting(p_integration uuid) returns integer
language plpgsql stable security definer set search_path = ''
as $$
begin
  return (
    select count(*) from (
      select from private.sync_outbox o
      where o.integration_id = p_integration and o.parked_at is null and o.next_attempt_at <= private.clock() limit 100
    ) due
  );
end
$$;
comment on function private.waiting(uuid) is 'How many rows of a lane are due, counted up to a hundred.';

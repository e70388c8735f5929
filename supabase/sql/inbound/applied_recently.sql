create or replace function private.applied_recently(p_count integer, p_since timestamptz) returns integer
language plpgsql stable security definer set search_path = ''
as $$
begin
  return case when p_since > private.clock() - interval '10 minutes' then p_count else 0 end;
end
$$;
comment on function private.applied_recently(integer, timestamptz) is
  'How many changes of the calendar an appointment took over in the ten minutes since the first of them. How many mean '
  'that two programs fight is decided by sync/inbound/reconcile.ts (FLAPPING).';

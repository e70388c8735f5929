create or replace function private.paused_practices() returns uuid[]
language plpgsql stable security definer set search_path = ''
as $$
begin
  return (
    select coalesce(array_agg(p.key::uuid), '{}') from private.sync_pauses p where p.scope = 'practice'
  );
end
$$;
comment on function private.paused_practices() is
  'The practices that are stopped by themselves: few, and left out where many are gone through.';

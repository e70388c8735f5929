create or replace function private.know_lane() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  new.reachable := exists (
    select from public.calendar_integrations i
    where i.id = new.integration_id and i.status = 'connected' and i.disconnected_at is null
  );
  new.first_due_at := private.first_due(new.integration_id);
  return new;
end
$$;
comment on function private.know_lane() is
  'Before-row trigger: a new lane begins with what is known of its connection and of its queue.';

create or replace function private.end_unattended(p_integration uuid) returns void
language plpgsql security definer set search_path = ''
as $$
declare
  v_token text := private.end_connection(p_integration);
  v_connection public.calendar_integrations;
begin
  if v_token is not null then
    select * into v_connection from public.calendar_integrations x where x.id = p_integration;
    perform private.queue_revocation(v_connection.provider, v_connection.account_id, v_token);
  end if;
end
$$;
comment on function private.end_unattended(uuid) is
  'Ends a connection where no person waits for the answer: its grant is queued for revocation.';

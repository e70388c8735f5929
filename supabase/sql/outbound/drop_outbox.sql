create or replace function private.drop_outbox(p_integration uuid) returns void
language plpgsql security definer set search_path = ''
as $$
begin
  -- In the outbox's own order of locks; without its row a worker's answer is not stored any more.
  perform from private.sync_outbox o where o.integration_id = p_integration order by o.rdv_id for update;
  delete from private.sync_outbox o where o.integration_id = p_integration;
  update public.appointment_external_links l
    set sync_status = private.sync_status(
        coalesce((select s.state from private.link_states s where s.link_id = l.id), 'absent'), false, false),
      updated_at = now()
    where l.integration_id = p_integration and l.sync_status = 'pending';
  perform private.resume_erasures(p_integration);
end
$$;
comment on function private.drop_outbox(uuid) is
  'Nothing waits for this integration any more but erasures; links that waited get the status that is true without it.';

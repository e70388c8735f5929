create or replace function private.miss_calendar(p_run private.import_runs) returns void
language plpgsql security definer set search_path = ''
as $$
declare
  v_connection public.calendar_integrations;
begin
  select * into v_connection from public.calendar_integrations i where i.id = p_run.integration_id;
  if p_run.calendar_id is distinct from v_connection.calendar_target_id then
    -- What is being looked for already goes on: begun anew with each reading, it would never have been missed often
    -- enough.
    perform private.push_again(p_run.integration_id, array(
      select l.rdv_id from private.live_links(p_run) l
      where not exists (
        select from private.sync_outbox o
        where o.integration_id = p_run.integration_id and o.rdv_id = l.rdv_id and o.parked_at is null
      )
    ), 'sync_now');
  end if;
end
$$;
comment on function private.miss_calendar(private.import_runs) is
  'A calendar to which a person moved events of ours is gone: what became of each is for a worker to look at. The '
  'target itself is missed by its lane.';

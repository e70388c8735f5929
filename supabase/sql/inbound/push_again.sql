create or replace function private.push_again(p_integration uuid, p_rdvs uuid[], p_request private.queue_request)
returns boolean
language plpgsql security definer set search_path = ''
as $$
declare
  v_connection public.calendar_integrations;
begin
  select * into v_connection from public.calendar_integrations x where x.id = p_integration;
  if cardinality(p_rdvs) = 0 or not v_connection.export_enabled or v_connection.disconnected_at is not null then
    return false;
  end if;
  perform private.enqueue(array_fill(v_connection.id, array[cardinality(p_rdvs)]), p_rdvs, v_connection.organisation_id,
    p_request, null);
  perform private.nudge(v_connection.provider);
  return true;
end
$$;
comment on function private.push_again(uuid, uuid[], private.queue_request) is
  'Marks appointments dirty after a decision about them. Where nothing is exported none would ever leave the queue: '
  'switching the export on marks them all.';

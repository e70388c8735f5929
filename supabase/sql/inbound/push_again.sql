create or replace function private.push_again(p_integration uuid, p_rdvs uuid[], p_request private.queue_request)
returns boolean
language plpgsql security definer set search_path = ''
as $$
declare
  i public.calendar_integrations;
begin
  select * into i from public.calendar_integrations x where x.id = p_integration;
  if cardinality(p_rdvs) = 0 or not i.export_enabled or i.disconnected_at is not null then
    return false;
  end if;
  perform private.enqueue(array_fill(i.id, array[cardinality(p_rdvs)]), p_rdvs, i.organisation_id, p_request, null);
  perform private.nudge(i.provider);
  return true;
end
$$;
comment on function private.push_again(uuid, uuid[], private.queue_request) is
  'Marks appointments dirty after a decision about them. Where nothing is exported none would ever leave the queue: '
  'switching the export on marks them all.';

create or replace function private.keep_ours(c private.calendar_cursors, p_verdicts jsonb, p_action text) returns void
language plpgsql security definer set search_path = ''
as $$
declare
  v_rdvs uuid[];
begin
  select coalesce(array_agg((v ->> 'rdvId')::uuid), '{}') into v_rdvs
  from jsonb_array_elements(p_verdicts) v where v ->> 'kind' in ('apply', 'cancel', 'conflict', 'drift');
  update private.link_states s set
    state = case
      when jsonb_typeof(v -> 'base') = 'object' then s.state
      when p_action = 'keep_cassius' then 'gone'::private.link_state
      else 'detached'
    end,
    pushed = case when jsonb_typeof(v -> 'base') = 'object' and p_action = 'keep_cassius' then v -> 'base' else s.pushed end,
    base = case when jsonb_typeof(v -> 'base') = 'object' then v -> 'base' else s.base end,
    updated_at = now()
  from jsonb_array_elements(p_verdicts) v
  join public.appointment_external_links l on l.integration_id = c.integration_id and l.rdv_id = (v ->> 'rdvId')::uuid
  where s.link_id = l.id and v ->> 'kind' in ('apply', 'cancel', 'conflict', 'drift');
  update public.appointment_external_links l set etag = nullif(v ->> 'etag', ''), updated_at = now()
  from jsonb_array_elements(p_verdicts) v
  where l.integration_id = c.integration_id and l.rdv_id = (v ->> 'rdvId')::uuid and v ->> 'kind' in ('apply', 'cancel', 'conflict', 'drift');
  if p_action = 'keep_cassius' then
    perform private.push_again(c.integration_id, v_rdvs, 'change');
  end if;
end
$$;
comment on function private.keep_ours(private.calendar_cursors, jsonb, text) is 'After a refused mass change: our events are written again as they are here, or left as they are there.';

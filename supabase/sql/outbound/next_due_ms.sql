create or replace function private.next_due_ms(p_provider text, p_integration uuid) returns double precision
language plpgsql stable security definer set search_path = '' set plan_cache_mode = 'force_generic_plan'
as $$
declare
  v_now timestamptz := private.clock();
  v_stopped uuid[] := private.paused_practices();
  v_next timestamptz;
begin
  if p_integration is not null then
    select l.due_at into v_next from private.sync_lanes l
    where l.integration_id = p_integration and l.provider = p_provider
      and (l.lease_until is null or l.lease_until <= v_now) -- planted: ignored_lease
      and l.organisation_id <> all (v_stopped);
  else
    select l.due_at into v_next from private.sync_lanes l
    where l.provider = p_provider and l.due_at is not null
      and (l.lease_until is null or l.lease_until <= v_now) -- planted: ignored_lease
      and l.organisation_id <> all (v_stopped)
    order by l.due_at limit 1;
  end if;
  return private.ms_until(v_next);
end
$$;
comment on function private.next_due_ms(text, uuid) is
  'In how many milliseconds a lane that no worker has leased is due next, of the provider or this one; null: none.';

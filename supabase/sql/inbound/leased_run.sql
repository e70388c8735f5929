create or replace function private.leased_run(
  p_worker uuid, p_run uuid, p_applies boolean default false
) returns private.import_runs
language plpgsql security definer set search_path = ''
as $$
declare
  v_now constant timestamptz := private.clock();
  v_until timestamptz;
  v_run private.import_runs;
begin
  select r.* into v_run from private.import_runs r where r.id = p_run;
  select c.lease_until into v_until from private.calendar_cursors c
  where c.integration_id = v_run.integration_id and c.calendar_id = v_run.calendar_id and c.lease_owner = p_worker
  for no key update;
  if not found then
    return null;
  end if;
  -- Not with each call of a reading that takes a moment; the one that applies it is known by that.
  if p_applies or v_until < v_now + interval '90 seconds' then
    update private.calendar_cursors c set lease_until = v_now + interval '2 minutes'
    where c.integration_id = v_run.integration_id and c.calendar_id = v_run.calendar_id;
  end if;
  return v_run;
end
$$;
comment on function private.leased_run(uuid, uuid, boolean) is
  'A run in progress if the worker still holds the lease of its calendar, which is renewed in time; a row of '
  'nulls otherwise. p_applies: the run is applied in this transaction (private.run_being_applied).';

create or replace function private.limit_conflict() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  if new.status = 'open' and exists (
    select from public.appointment_external_links l
    join private.link_states s on s.link_id = l.id and s.erase_since is not null
    where l.integration_id = new.integration_id and l.rdv_id = new.internal_id
  ) then
    -- A worker read the appointment before its patient was erased.
    new.status := 'ignored';
    new.resolution := 'erased';
    new.resolved_at := private.clock();
  end if;
  if new.status <> 'open' then
    -- A person's decision about an appointment of ours can be undone for a while; of others' events no text stays.
    new.payload := private.conflict_facts(new.payload,
      new.entity_type = 'appointment' and new.resolution in ('keep_cassius', 'keep_calendar', 'duplicate', 'ignore')
        and new.resolved_at > private.clock() - interval '30 days');
  end if;
  return new;
end
$$;
comment on function private.limit_conflict() is
  'Before-row trigger: a closed conflict keeps ids and times; nothing is asked about an appointment whose patient is '
  'erased.';

-- Which appointment is dirty for which integration. Never what changed: the worker reads the row when it works.
--
-- Lock rule, so that a booking never waits for a worker and never meets a deadlock with one: whoever writes a link or an
-- outbox row holds the lock of the outbox row, taken in the order (integration_id, rdv_id); a worker never waits for one.

create sequence private.sync_versions;
comment on sequence private.sync_versions is 'Every mark gets a new version; a worker completes only the version that it read.';

create table private.sync_outbox (
  integration_id uuid not null,
  rdv_id uuid not null,
  organisation_id uuid not null,
  version bigint not null default nextval('private.sync_versions'),
  next_attempt_at timestamptz not null,
  dirty_since timestamptz not null,
  attempts integer not null default 0,
  first_failed_at timestamptz,
  parked_at timestamptz,
  last_error_code text,
  forced boolean not null default false,
  verify boolean not null default false,
  unsure boolean not null default false,
  run_id uuid,
  primary key (integration_id, rdv_id)
);
comment on table private.sync_outbox is 'Dirty appointments. A row leaves when its version is done; parked rows wait for a person. No foreign keys: a bulk booking pays for every check.';
comment on column private.sync_outbox.forced is 'A person asked for it: the past is exported too.';
comment on column private.sync_outbox.verify is 'Look at the event even if nothing changed here.';
comment on column private.sync_outbox.unsure is 'A write of it may have happened whose answer nobody has: look at the event before anything is written or left.';
comment on column private.sync_outbox.run_id is 'The manual run that counts what becomes of it, whichever worker does it.';
create index sync_outbox_due on private.sync_outbox (integration_id, next_attempt_at) where parked_at is null;
create index sync_outbox_run on private.sync_outbox (run_id) where run_id is not null;
alter table private.sync_outbox enable row level security;

create table private.sync_lanes (
  integration_id uuid primary key references public.calendar_integrations (id) on delete cascade,
  organisation_id uuid not null,
  provider text not null,
  lease_owner uuid,
  lease_until timestamptz,
  claimed_at timestamptz,
  paused_until timestamptz,
  pause_code text,
  strikes integer not null default 0,
  reserved_units integer not null default 0,
  last_success_at timestamptz
);
comment on table private.sync_lanes is 'One lane an integration, leased by one worker at a time: providers throttle concurrent writes to one calendar.';
comment on column private.sync_lanes.strikes is 'Troubles of the whole lane in a row, for the backoff.';
create index sync_lanes_provider on private.sync_lanes (provider);
alter table private.sync_lanes enable row level security;

create table private.account_budgets (
  provider text not null,
  account_id text not null,
  units numeric not null,
  refilled_at timestamptz not null,
  primary key (provider, account_id)
);
comment on table private.account_budgets is 'Token bucket of quota units for each provider account, which several integrations may share.';
alter table private.account_budgets enable row level security;

create function private.enqueue(
  p_integrations uuid[], p_rdvs uuid[], p_organisation uuid, p_forced boolean, p_verify boolean, p_run uuid
) returns integer
language plpgsql security definer set search_path = ''
as $$
declare
  v_now timestamptz := private.clock();
  v_count integer;
begin
  insert into private.sync_outbox as o (integration_id, rdv_id, organisation_id, next_attempt_at, dirty_since, forced, verify, run_id)
  select p.integration_id, p.rdv_id, p_organisation, v_now, v_now, p_forced, p_verify, p_run
  from (select distinct x.integration_id, x.rdv_id from unnest(p_integrations, p_rdvs) as x (integration_id, rdv_id)) p
  order by p.integration_id, p.rdv_id
  on conflict (integration_id, rdv_id) do update set
    version = excluded.version,
    next_attempt_at = excluded.next_attempt_at,
    dirty_since = case when o.parked_at is null then o.dirty_since else excluded.dirty_since end,
    attempts = 0, first_failed_at = null, parked_at = null, last_error_code = null,
    forced = o.forced or excluded.forced,
    verify = o.verify or excluded.verify,
    run_id = coalesce(excluded.run_id, o.run_id);
  get diagnostics v_count = row_count;
  update public.appointment_external_links l set sync_status = 'pending', updated_at = now()
  from unnest(p_integrations, p_rdvs) as x (integration_id, rdv_id)
  where l.integration_id = x.integration_id and l.rdv_id = x.rdv_id and l.sync_status <> 'pending'
    and l.external_event_id is not null;
  return v_count;
end
$$;
comment on function private.enqueue(uuid[], uuid[], uuid, boolean, boolean, uuid) is 'Marks pairs of integration and appointment dirty; a pair that is dirty already gets a new version.';

create function private.mark_integration(p_integration uuid, p_everything boolean) returns integer
language plpgsql security definer set search_path = ''
as $$
declare
  i public.calendar_integrations;
  v_rdvs uuid[];
begin
  select * into i from public.calendar_integrations where id = p_integration;
  if not found or i.disconnected_at is not null or not i.export_enabled then
    return 0;
  end if;
  select array_agg(distinct q.rdv_id) into v_rdvs
  from (
    select l.rdv_id
    from public.appointment_external_links l
    join private.link_states s on s.link_id = l.id
    where l.integration_id = i.id and s.presence in ('live', 'reserved')
    union all
    select o.rdv_id from private.sync_outbox o where o.integration_id = i.id and o.parked_at is null
    union all
    select r.id
    from public.rdv r
    left join public.organisation_members m on m.organisation_id = r.organisation_id and m.id = r.practitioner_id
    where p_everything and r.organisation_id = i.organisation_id and r.starts_at >= i.export_from
      and (i.scope = 'organisation' or m.user_id = i.user_id)
  ) q;
  if v_rdvs is null then
    return 0;
  end if;
  return private.enqueue(array_fill(i.id, array[cardinality(v_rdvs)]), v_rdvs, i.organisation_id, false, false, null);
end
$$;
comment on function private.mark_integration(uuid, boolean) is 'Marks every event of an integration dirty, those that are on their way too, and, on request, every appointment that it covers from export_from on.';

create function private.lane_may_work(i public.calendar_integrations) returns boolean
language sql stable security definer set search_path = ''
as $$
  select i.status = 'connected' and i.disconnected_at is null and (
    i.removing_events_since is not null
    or (i.export_enabled and i.calendar_target_id is not null)
    or exists (
      select from private.link_states s
      join public.appointment_external_links l on l.id = s.link_id
      join private.sync_outbox o on o.integration_id = l.integration_id and o.rdv_id = l.rdv_id and o.parked_at is null
      where s.erase_since is not null and l.integration_id = i.id
    )
  );
$$;
comment on function private.lane_may_work(public.calendar_integrations) is
  'Whether a worker may take this lane: it exports, it removes its events, or an erased patient''s event waits in it.';

create function private.mark_inserted_rdv() returns trigger
language plpgsql security definer set search_path = ''
as $$
declare
  v_now timestamptz := private.clock();
  v_providers text[];
begin
  with marked as (
    insert into private.sync_outbox as o (integration_id, rdv_id, organisation_id, next_attempt_at, dirty_since)
    select i.id, n.id, n.organisation_id, v_now, v_now
    from new_rows n
    join public.calendar_integrations i
      on i.organisation_id = n.organisation_id and i.export_enabled and i.disconnected_at is null
    left join public.organisation_members m on m.organisation_id = n.organisation_id and m.id = n.practitioner_id
    where i.scope = 'organisation' or m.user_id = i.user_id
    order by i.id, n.id
    on conflict (integration_id, rdv_id) do update set
      version = excluded.version, next_attempt_at = excluded.next_attempt_at,
      attempts = 0, first_failed_at = null, parked_at = null, last_error_code = null
    returning o.integration_id
  )
  select array_agg(distinct i.provider) into v_providers
  from public.calendar_integrations i
  where i.id in (select k.integration_id from marked k) and private.paused(i.organisation_id, i.provider) is null;
  perform private.nudge(p) from unnest(v_providers) p;
  return null;
end
$$;
comment on function private.mark_inserted_rdv() is 'Statement trigger: new appointments are dirty for the integrations that cover them; one nudge a statement.';

create function private.mark_updated_rdv() returns trigger
language plpgsql security definer set search_path = ''
as $$
declare
  v record;
  v_providers text[] := '{}';
begin
  for v in
    select n.organisation_id, array_agg(i.id) as integrations, array_agg(n.id) as rdvs, array_agg(distinct i.provider) as providers
    from new_rows n
    join old_rows o on o.id = n.id
    join public.calendar_integrations i
      on i.organisation_id = n.organisation_id and i.export_enabled and i.disconnected_at is null
    where (o.practitioner_id, o.patient_id, o.type, o.act, o.notes, o.location, o.starts_at, o.ends_at, o.status, o.source)
        is distinct from
          (n.practitioner_id, n.patient_id, n.type, n.act, n.notes, n.location, n.starts_at, n.ends_at, n.status, n.source)
      and (
        i.scope = 'organisation'
        or exists (
          select 1 from public.organisation_members m
          where m.id in (o.practitioner_id, n.practitioner_id) and m.organisation_id = n.organisation_id and m.user_id = i.user_id
        )
        or exists (
          select 1 from public.appointment_external_links l where l.integration_id = i.id and l.rdv_id = n.id
        )
      )
    group by n.organisation_id
  loop
    perform private.enqueue(v.integrations, v.rdvs, v.organisation_id, false, false, null);
    v_providers := v_providers || private.running(v.organisation_id, v.providers);
  end loop;
  perform private.nudge(p) from (select distinct x.p from unnest(v_providers) as x (p)) d;
  return null;
end
$$;
comment on function private.mark_updated_rdv() is 'Statement trigger: what an event shows changed, so the integrations of the old and the new row are dirty.';

create function private.mark_deleted_rdv() returns trigger
language plpgsql security definer set search_path = ''
as $$
declare
  v record;
  v_providers text[] := '{}';
begin
  for v in
    select o.organisation_id, array_agg(i.id) as integrations, array_agg(o.id) as rdvs,
      array_agg(distinct i.provider) filter (where x.linked) as providers
    from old_rows o
    join public.calendar_integrations i
      on i.organisation_id = o.organisation_id and i.export_enabled and i.disconnected_at is null
    cross join lateral (
      select
        exists (select 1 from public.appointment_external_links l where l.integration_id = i.id and l.rdv_id = o.id) as linked,
        -- It may be on its way this very moment: the version that its worker read must not count any more.
        exists (select 1 from private.sync_outbox q where q.integration_id = i.id and q.rdv_id = o.id) as waits
    ) x
    where x.linked or x.waits
    group by o.organisation_id
  loop
    perform private.enqueue(v.integrations, v.rdvs, v.organisation_id, false, false, null);
    v_providers := v_providers || private.running(v.organisation_id, v.providers);
  end loop;
  perform private.nudge(p) from (select distinct x.p from unnest(v_providers) as x (p)) d;
  return null;
end
$$;
comment on function private.mark_deleted_rdv() is 'Statement trigger: a deleted appointment is dirty wherever it has an event, or is about to have one.';

create trigger rdv_mark_inserted after insert on public.rdv
  referencing new table as new_rows for each statement execute function private.mark_inserted_rdv();
create trigger rdv_mark_updated after update on public.rdv
  referencing old table as old_rows new table as new_rows for each statement execute function private.mark_updated_rdv();
create trigger rdv_mark_deleted after delete on public.rdv
  referencing old table as old_rows for each statement execute function private.mark_deleted_rdv();

create function private.mark_linked(p_rdvs uuid[]) returns void
language plpgsql security definer set search_path = ''
as $$
declare
  v record;
  v_providers text[] := '{}';
begin
  for v in
    select x.organisation_id, array_agg(x.integration_id) as integrations, array_agg(x.rdv_id) as rdvs,
      array_agg(distinct i.provider) as providers
    from (
      select l.organisation_id, l.integration_id, l.rdv_id
      from public.appointment_external_links l
      join private.link_states s on s.link_id = l.id and s.presence in ('live', 'reserved')
      where l.rdv_id = any (p_rdvs)
      union
      select o.organisation_id, o.integration_id, o.rdv_id
      from public.rdv r
      join public.calendar_integrations c on c.organisation_id = r.organisation_id
      join private.sync_outbox o on o.integration_id = c.id and o.rdv_id = r.id and o.parked_at is null
      where r.id = any (p_rdvs)
    ) x
    join public.calendar_integrations i on i.id = x.integration_id and i.export_enabled and i.disconnected_at is null
    group by x.organisation_id
  loop
    perform private.enqueue(v.integrations, v.rdvs, v.organisation_id, false, false, null);
    v_providers := v_providers || private.running(v.organisation_id, v.providers);
  end loop;
  perform private.nudge(p) from (select distinct x.p from unnest(v_providers) as x (p)) d;
end
$$;
comment on function private.mark_linked(uuid[]) is 'Marks the events of these appointments dirty, wherever they have one or are about to.';

create function private.mark_renamed_patients() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  perform private.mark_linked(array_agg(r.id))
  from public.rdv r
  where r.patient_id in (
    select n.id from new_rows n join old_rows o on o.id = n.id
    where (o.first_name, o.last_name) is distinct from (n.first_name, n.last_name)
  )
  having count(*) > 0;
  return null;
end
$$;
comment on function private.mark_renamed_patients() is 'Statement trigger: a patient''s new name reaches the events that show it.';
create trigger patients_mark_renamed after update on public.patients
  referencing old table as old_rows new table as new_rows for each statement execute function private.mark_renamed_patients();

create function private.mark_renamed_members() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  perform private.mark_linked(array_agg(r.id))
  from public.rdv r
  where r.practitioner_id in (
    select n.id from new_rows n join old_rows o on o.id = n.id where o.display_name is distinct from n.display_name
  )
  having count(*) > 0;
  return null;
end
$$;
comment on function private.mark_renamed_members() is 'Statement trigger: a practitioner''s new name reaches the events that show it.';
create trigger organisation_members_mark_renamed after update on public.organisation_members
  referencing old table as old_rows new table as new_rows for each statement execute function private.mark_renamed_members();

create function private.mark_changed_organisations() returns trigger
language plpgsql security definer set search_path = ''
as $$
declare
  v_provider text;
begin
  if (old.timezone, old.event_title_template, old.default_duration_minutes)
    is not distinct from (new.timezone, new.event_title_template, new.default_duration_minutes) then
    return null;
  end if;
  for v_provider in
    select i.provider from public.calendar_integrations i
    where i.organisation_id = new.id and private.mark_integration(i.id, false) > 0
      and private.paused(i.organisation_id, i.provider) is null
    group by i.provider
  loop
    perform private.nudge(v_provider);
  end loop;
  return null;
end
$$;
comment on function private.mark_changed_organisations() is 'Template, zone and default duration show in every event of the practice.';
create trigger organisations_mark_changed after update on public.organisations
  for each row execute function private.mark_changed_organisations();

revoke execute on all functions in schema private from public;
grant execute on function private.my_organisations(), private.my_administered_organisations() to authenticated;

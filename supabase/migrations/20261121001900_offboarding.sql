-- People and practices who leave: their events are removed if that is wanted, and their grants are given back.

create table private.grant_revocations (
  id uuid primary key default gen_random_uuid(),
  provider text not null,
  account_id text not null,
  token_sealed jsonb not null,
  attempts integer not null default 0,
  next_attempt_at timestamptz not null,
  created_at timestamptz not null
);
comment on table private.grant_revocations is
  'Sealed refresh tokens of ended connections, to be revoked at the provider and then forgotten; for three days at most.';
create index grant_revocations_due on private.grant_revocations (provider, next_attempt_at);
alter table private.grant_revocations enable row level security;
revoke all on private.grant_revocations from public, anon, authenticated, service_role;
create trigger grant_revocations_forget after update or delete on private.grant_revocations
  for each row execute function private.forget_replaced_tokens();

insert into private.sealed_columns (relation, envelope, organisation, integration, kind)
  values ('private.grant_revocations', 'token_sealed', 'null::uuid', 'id', $$'revocation'$$);

create function private.queue_revocation(p_provider text, p_account text, p_token text) returns void
language plpgsql security definer set search_path = ''
as $$
declare
  v_id uuid := gen_random_uuid();
begin
  insert into private.grant_revocations (id, provider, account_id, token_sealed, next_attempt_at, created_at)
  values (
    v_id, p_provider, p_account, private.seal_token(p_token, null, v_id, 'revocation'), private.clock(), private.clock()
  );
  perform private.nudge(p_provider);
exception
  when others then
    -- A deletion goes through although sealing fails: the grant can be ended in the account's own pages.
    raise warning 'Queue a revocation: % (%)', sqlerrm, sqlstate;
end
$$;
comment on function private.queue_revocation(text, text, text) is
  'Keeps a refresh token, sealed anew, until a worker has revoked it. Never raises.';

create function private.end_unattended(p_integration uuid) returns void
language plpgsql security definer set search_path = ''
as $$
declare
  v_token text := private.end_connection(p_integration);
  i public.calendar_integrations;
begin
  if v_token is not null then
    select * into i from public.calendar_integrations x where x.id = p_integration;
    perform private.queue_revocation(i.provider, i.account_id, v_token);
  end if;
end
$$;
comment on function private.end_unattended(uuid) is 'Ends a connection where no person waits for the answer: its grant is queued for revocation.';

create function private.revoke_deleted() returns trigger
language plpgsql security definer set search_path = ''
as $$
declare
  v_token text;
begin
  -- While its account is still known.
  delete from public.appointment_external_links l where l.integration_id = old.id;
  perform private.drop_pending_grant(old.id);
  perform pg_advisory_xact_lock(hashtextextended(old.provider || ':' || old.account_id, 0));
  if private.account_in_use(old.provider, old.account_id, old.id) then
    return old;
  end if;
  begin
    select private.open_token(c.refresh_sealed, c.organisation_id, c.integration_id, 'refresh') into v_token
      from private.credentials c where c.integration_id = old.id;
    if v_token is not null then
      perform private.queue_revocation(old.provider, old.account_id, v_token);
    end if;
  exception
    when data_exception then
      -- A token that does not open must keep neither a user nor a practice from being deleted.
      raise warning 'Revoke the grant of integration %: %', old.id, sqlerrm;
  end;
  return old;
end
$$;
comment on function private.revoke_deleted() is
  'Before-row trigger: a connection that is deleted, with its user or its practice, leaves its grant in the queue of revocations, and its events'' ids.';
create trigger calendar_integrations_revoke before delete on public.calendar_integrations
  for each row execute function private.revoke_deleted();

create function public.revocation_claim(p_provider text) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v record;
  v_token text;
  v_claimed jsonb := '[]'::jsonb;
begin
  -- Connected again meanwhile: revoking would end the new grant too.
  delete from private.grant_revocations g
  where g.provider = p_provider and private.account_in_use(g.provider, g.account_id, null);
  for v in
    select g.* from private.grant_revocations g
    where g.provider = p_provider and g.next_attempt_at <= private.clock()
    order by g.next_attempt_at limit 20 for update skip locked
  loop
    begin
      v_token := private.open_token(v.token_sealed, null, v.id, 'revocation');
      update private.grant_revocations g set attempts = g.attempts + 1,
        next_attempt_at = private.clock() + least(interval '1 minute' * 2 ^ least(v.attempts, 10), interval '6 hours')
      where g.id = v.id;
      v_claimed := v_claimed || jsonb_build_object('id', v.id, 'token', v_token);
    exception
      when data_exception then
        -- Beside another root key nothing opens, and this one will when the right key is back.
        delete from private.grant_revocations g where g.id = v.id and private.sealing_key_fits();
    end;
  end loop;
  return v_claimed;
end
$$;
comment on function public.revocation_claim(text) is
  'Service only: grants to revoke now, [{id, token}]; each comes again later, with a growing pause, until revocation_done.';

create function public.revocation_done(p_id uuid) returns jsonb
language sql security definer set search_path = ''
as $$
  with done as (delete from private.grant_revocations g where g.id = p_id returning 1)
  select to_jsonb(exists (select from done));
$$;
comment on function public.revocation_done(uuid) is 'Service only: the grant is revoked, or cannot be at that provider; its token is forgotten.';

create function private.leave_account(p_integration uuid, p_remove_events boolean) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  i public.calendar_integrations := private.lock_connection(p_integration);
  v_events constant integer := cardinality(private.live_events(p_integration));
  v_state text := 'ended';
begin
  if i.disconnected_at is null and p_remove_events and v_events > 0 and private.unreachable(i) is null then
    v_state := 'removing';
    perform private.begin_removal(i.id);
  elsif i.disconnected_at is null then
    perform private.end_unattended(i.id);
  end if;
  return jsonb_build_object('provider', i.provider, 'accountEmail', i.account_email, 'events', v_events, 'state', v_state);
end
$$;
comment on function private.leave_account(uuid, boolean) is
  'Ends a connection, or lets it remove its events first and end then: {provider, accountEmail, events, state: ended|removing}.';

create function private.connections_of(p_member uuid) returns setof public.calendar_integrations
language sql stable security definer set search_path = ''
as $$
  select i.* from public.organisation_members m
  join public.calendar_integrations i on i.organisation_id = m.organisation_id and i.user_id = m.user_id
  where m.id = p_member and (i.disconnected_at is null or cardinality(private.live_events(i.id)) > 0)
  order by i.provider;
$$;
comment on function private.connections_of(uuid) is 'A member''s connections that work, or in whose account events of ours are left.';

create function public.member_connections(p_member uuid) returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
begin
  if not exists (
    select from public.organisation_members m
    where m.id = p_member and m.organisation_id in (select private.my_administered_organisations())
  ) then
    raise exception 'Read connections: only an administrator of the practice may' using errcode = '42501';
  end if;
  return (
    select coalesce(jsonb_agg(jsonb_build_object(
      'provider', i.provider, 'accountEmail', i.account_email, 'events', cardinality(private.live_events(i.id)),
      'grantWorks', private.unreachable(i) is null
    )), '[]'::jsonb) from private.connections_of(p_member) i
  );
end
$$;
comment on function public.member_connections(uuid) is
  'An administrator looks what a member''s removal would leave: [{provider, accountEmail, events, grantWorks}].';

create function public.remove_member(p_member uuid, p_remove_events boolean) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_connections jsonb;
begin
  perform from public.organisation_members m
    where m.id = p_member and m.organisation_id in (select private.my_administered_organisations());
  if not found then
    raise exception 'Remove member: only an administrator of the practice may' using errcode = '42501';
  end if;
  select coalesce(jsonb_agg(private.leave_account(i.id, p_remove_events)), '[]'::jsonb) into v_connections
  from private.connections_of(p_member) i;
  delete from public.organisation_members m where m.id = p_member;
  return jsonb_build_object('connections', v_connections);
end
$$;
comment on function public.remove_member(uuid, boolean) is
  'An administrator removes a member, who loses access at once: {connections: [{provider, accountEmail, events, state}]}.';

create function private.offboard_organisation(p_organisation uuid, p_remove_events boolean) returns jsonb
language sql security definer set search_path = ''
as $$
  select jsonb_build_object('connections', coalesce(jsonb_agg(private.leave_account(i.id, p_remove_events)), '[]'::jsonb))
  from (
    select x.id from public.calendar_integrations x
    where x.organisation_id = p_organisation and (x.disconnected_at is null or cardinality(private.live_events(x.id)) > 0)
    order by x.id
  ) i;
$$;
comment on function private.offboard_organisation(uuid, boolean) is
  'Before a practice is deleted: every connection removes its events or ends. Called again, it tells what is left.';

revoke execute on all functions in schema private from public;
grant execute on function private.my_organisations(), private.my_administered_organisations() to authenticated;
grant execute on function private.period(timestamptz, timestamptz) to authenticated, service_role;
revoke execute on function
  public.revocation_claim(text), public.revocation_done(uuid), public.member_connections(uuid), public.remove_member(uuid, boolean)
from public, anon, authenticated;
grant execute on function public.revocation_claim(text), public.revocation_done(uuid) to service_role;
grant execute on function public.member_connections(uuid), public.remove_member(uuid, boolean) to authenticated;

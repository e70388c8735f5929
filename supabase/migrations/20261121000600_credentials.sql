-- Credentials of connected accounts, consents under way, and what happens when either ends.

create table private.credentials (
  integration_id uuid primary key references public.calendar_integrations (id) on delete cascade,
  organisation_id uuid not null,
  version bigint not null default 1,
  access_sealed jsonb not null,
  access_expires_at timestamptz not null,
  refresh_sealed jsonb not null,
  scopes text[] not null default '{}',
  updated_at timestamptz not null default now(),
  foreign key (organisation_id, integration_id)
    references public.calendar_integrations (organisation_id, id) on delete cascade
);
comment on table private.credentials is 'Sealed tokens. version rises with every write: who renews must have read the version that is stored.';
create index credentials_organisation on private.credentials (organisation_id, integration_id);
alter table private.credentials enable row level security;
create trigger credentials_forget after update or delete on private.credentials
  for each row execute function private.forget_replaced_tokens();

create table private.oauth_states (
  state_hash text primary key,
  organisation_id uuid not null references public.organisations (id) on delete cascade,
  user_id uuid not null references auth.users (id) on delete cascade,
  provider text not null,
  browser boolean not null,
  code_verifier_sealed jsonb not null,
  redirect_to text,
  code_sealed jsonb,
  confirm_hash text,
  expires_at timestamptz not null,
  used_at timestamptz,
  created_at timestamptz not null default now()
);
comment on table private.oauth_states is 'Consents under way, one row a state, found by hash and used once. A held code waits sealed until its person confirms.';
comment on column private.oauth_states.confirm_hash is 'SHA-256 of the secret that the browser which consented was given: made at the callback, so who began the consent does not know it.';
create unique index oauth_states_confirm on private.oauth_states (confirm_hash);
create index oauth_states_expiry on private.oauth_states (expires_at);
create index oauth_states_organisation on private.oauth_states (organisation_id);
create index oauth_states_user on private.oauth_states (user_id);
alter table private.oauth_states enable row level security;
create trigger oauth_states_forget after update or delete on private.oauth_states
  for each row execute function private.forget_replaced_tokens();

create table private.pending_grants (
  integration_id uuid primary key,
  organisation_id uuid not null,
  provider text not null,
  account_id text not null,
  account_email text,
  scopes text[] not null,
  tokens_sealed jsonb not null,
  access_expires_at timestamptz not null,
  expires_at timestamptz,
  created_at timestamptz not null default now(),
  foreign key (organisation_id, integration_id)
    references public.calendar_integrations (organisation_id, id) on delete cascade
);
comment on table private.pending_grants is 'A grant of another account than the connection''s own, kept until its person says what becomes of the old one.';
comment on column private.pending_grants.tokens_sealed is '{access, refresh}, sealed as one text.';
comment on column private.pending_grants.expires_at is 'Null while the events of the old account are removed for it: it takes over when they are gone.';
create index pending_grants_account on private.pending_grants (provider, account_id);
create index pending_grants_organisation on private.pending_grants (organisation_id, integration_id);
alter table private.pending_grants enable row level security;
create trigger pending_grants_forget after update or delete on private.pending_grants
  for each row execute function private.forget_replaced_tokens();

insert into private.sealed_columns (relation, envelope, organisation, integration, kind) values
  ('private.credentials', 'access_sealed', 'organisation_id', 'integration_id', $$'access'$$),
  ('private.credentials', 'refresh_sealed', 'organisation_id', 'integration_id', $$'refresh'$$),
  ('private.oauth_states', 'code_sealed', 'organisation_id', 'null::uuid', $$'code:' || state_hash$$),
  ('private.pending_grants', 'tokens_sealed', 'organisation_id', 'integration_id', $$'pending'$$),
  ('private.oauth_states', 'code_verifier_sealed', 'organisation_id', 'null::uuid', $$'code_verifier:' || state_hash$$);

revoke all on private.credentials, private.oauth_states, private.pending_grants
from public, anon, authenticated, service_role;

create function private.is_member(p_organisation uuid, p_user uuid) returns boolean
language sql stable security definer set search_path = ''
as $$
  select exists (
    select from public.organisation_members m where m.organisation_id = p_organisation and m.user_id = p_user
  );
$$;
comment on function private.is_member(uuid, uuid) is 'Whether the user belongs to the organisation now.';

create function private.rewrapped(p_envelope jsonb, p_organisation uuid, p_integration uuid, p_kind text) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  scheme text;
  key_uuid text;
begin
  select c.value into scheme from private.app_config c where c.key = 'seal_scheme';
  select c.value::jsonb ->> 'key_uuid' into key_uuid from private.app_config c where c.key = 'sealing_key';
  if p_envelope is null
    or (p_envelope ->> 'scheme' = scheme and (scheme = 'vault-1' or p_envelope ->> 'key_uuid' = key_uuid)) then
    return p_envelope;
  end if;
  return private.seal_token(
    private.open_token(p_envelope, p_organisation, p_integration, p_kind), p_organisation, p_integration, p_kind);
end
$$;
comment on function private.rewrapped(jsonb, uuid, uuid, text) is 'The envelope under the live scheme and key; the same one if it is already.';

create function private.rewrap_tokens(p_scheme text default null) returns integer
language plpgsql security definer set search_path = ''
as $$
declare
  place record;
  item record;
  envelope jsonb;
  rewrapped integer := 0;
begin
  -- With another root key nothing here opens: that is one loud answer, not a warning for each token.
  perform private.refuse_foreign_key();
  if p_scheme is not null then
    perform private.use_sealing(p_scheme);
  end if;
  for place in select s.* from private.sealed_columns s order by s.relation, s.envelope loop
    for item in execute format(
      'select t.ctid as place, t.%1$I as envelope, %3$s as organisation, %4$s as integration, %5$s as kind '
      'from %2$s t where t.%1$I is not null for update',
      place.envelope, place.relation::regclass, place.organisation, place.integration, place.kind
    ) loop
      begin
        envelope := private.rewrapped(item.envelope, item.organisation, item.integration, item.kind);
        if envelope is distinct from item.envelope then
          -- A credential's version stays: its tokens are the same.
          execute format('update %s t set %I = $1 where t.ctid = $2', place.relation::regclass, place.envelope)
            using envelope, item.place;
          rewrapped := rewrapped + 1;
        end if;
      exception
        when data_exception then
          raise warning 'Rewrap %.% of organisation %, integration %: %',
            place.relation, place.envelope, item.organisation, item.integration, sqlerrm;
      end;
    end loop;
  end loop;
  return rewrapped;
end
$$;
comment on function private.rewrap_tokens(text) is
  'Seals everything again by the live scheme (by p_scheme, which becomes it). Returns the tokens changed; one that does not '
  'open is left, with a warning. Raises 55000 and changes nothing if the key is not the one that sealed them.';

create function private.accept_new_key() returns integer
language plpgsql security definer set search_path = ''
as $$
declare
  nobody constant uuid := '00000000-0000-0000-0000-000000000000';
  lost integer;
begin
  delete from private.sealing_canaries canary where not private.canary_opens(canary.sealed);
  if not found then
    raise exception 'Accept a new key: the key that is here is the one that sealed the tokens' using errcode = '55000';
  end if;
  -- Until private.configure() is called again, health says that nudges are not configured.
  delete from private.app_config c
    where c.key = 'nudge_secret' and not private.token_opens(c.sealed, nobody, nobody, 'nudge');
  perform private.choose_sealing();
  update public.calendar_integrations i
    set status = 'reconnect_required',
      last_error = jsonb_build_object('code', 'CREDENTIAL_UNREADABLE', 'message', 'Open token: its key was given up')
    from private.credentials c
    where c.integration_id = i.id and i.disconnected_at is null
      and not private.token_opens(c.refresh_sealed, c.organisation_id, c.integration_id, 'refresh');
  get diagnostics lost = row_count;
  return lost;
end
$$;
comment on function private.accept_new_key() is
  'The old root key is lost for good: gives up what it sealed and seals by the key that is here. Returns the connections '
  'that their people have to renew. Raises 55000 if nothing is lost.';

create function private.drop_outbox(p_integration uuid) returns void
language plpgsql security definer set search_path = ''
as $$
begin
  -- In the outbox's own order of locks; without its row a worker's answer is not stored any more.
  perform from private.sync_outbox o where o.integration_id = p_integration order by o.rdv_id for update;
  delete from private.sync_outbox o where o.integration_id = p_integration;
  update public.appointment_external_links l
    set sync_status = case
      when exists (select from private.link_states s where s.link_id = l.id and s.presence = 'live') then 'synced'
      else 'none'
    end, updated_at = now()
    where l.integration_id = p_integration and l.sync_status = 'pending';
  perform private.resume_erasures(p_integration);
end
$$;
comment on function private.drop_outbox(uuid) is
  'Nothing waits for this integration any more but erasures; links that waited say again how things stand.';

create function private.lock_connection(p_integration uuid) returns public.calendar_integrations
language plpgsql security definer set search_path = ''
as $$
declare
  integration public.calendar_integrations;
begin
  -- The lane first, as a worker that completes: the other way round the two would wait for each other.
  perform from private.sync_lanes l where l.integration_id = p_integration for update;
  select i.* into integration from public.calendar_integrations i where i.id = p_integration for no key update;
  return integration;
end
$$;
comment on function private.lock_connection(uuid) is 'Locks a connection against its worker, for whoever is going to touch its outbox, lane or links.';

create function private.live_events(p_integration uuid) returns uuid[]
language sql stable security definer set search_path = ''
as $$
  select coalesce(array_agg(l.rdv_id), '{}')
  from public.appointment_external_links l
  join private.link_states s on s.link_id = l.id and s.presence in ('live', 'reserved')
  where l.integration_id = p_integration;
$$;
comment on function private.live_events(uuid) is 'Appointments that have an event of ours in the account, as far as we know.';

create function private.account_in_use(p_provider text, p_account text, p_except uuid) returns boolean
language sql stable security definer set search_path = ''
as $$
  select exists (
    select from public.calendar_integrations i
    where i.provider = p_provider and i.account_id = p_account and i.id is distinct from p_except
      and i.disconnected_at is null
  ) or exists (
    select from private.pending_grants g
    where g.provider = p_provider and g.account_id = p_account and g.integration_id is distinct from p_except
  );
$$;
comment on function private.account_in_use(text, text, uuid) is
  'Whether a connection other than p_except has a grant of the account, or is about to: revoking one grant ends them all.';

create function private.end_connection(p_integration uuid) returns text
language plpgsql security definer set search_path = ''
as $$
declare
  integration public.calendar_integrations;
  token text;
begin
  integration := private.lock_connection(p_integration);
  if integration.id is null then
    return null;
  end if;
  -- Two practices that leave one account at the same moment: the second one sees that it is the last.
  perform pg_advisory_xact_lock(hashtextextended(integration.provider || ':' || integration.account_id, 0));
  if not private.account_in_use(integration.provider, integration.account_id, p_integration) then
    begin
      -- Before the row goes: what a seal keeps elsewhere goes with it.
      select private.open_token(c.refresh_sealed, c.organisation_id, c.integration_id, 'refresh') into token
        from private.credentials c where c.integration_id = p_integration;
    exception
      when data_exception then
        -- A token that does not open must not keep a connection alive.
        raise warning 'Revoke the grant of integration %: %', p_integration, sqlerrm;
    end;
  end if;
  -- The choices stay, for the same account; that they are carried out again is for the person to say.
  update public.calendar_integrations i
    set disconnected_at = coalesce(i.disconnected_at, private.clock()), removing_events_since = null,
      export_enabled = false, import_enabled = false
    where i.id = p_integration;
  perform private.ask_about_pending(p_integration);
  delete from private.credentials c where c.integration_id = p_integration;
  perform private.drop_outbox(p_integration);
  return token;
end
$$;
comment on function private.end_connection(uuid) is 'Disconnects, switches everything off and forgets the tokens; links and choices stay. Returns the refresh token to revoke if nobody else uses the account.';

create function private.pending_grant(p_integration uuid) returns private.pending_grants
language sql stable security definer set search_path = ''
as $$
  select g.* from private.pending_grants g
  where g.integration_id = p_integration and (g.expires_at is null or g.expires_at > private.clock());
$$;
comment on function private.pending_grant(uuid) is 'The grant of another account that waits for the person''s answer; all null if there is none.';

create function private.ask_about_pending(p_integration uuid) returns void
language sql security definer set search_path = ''
as $$
  update private.pending_grants g set expires_at = private.clock() + interval '1 hour'
  where g.integration_id = p_integration and g.expires_at is null;
$$;
comment on function private.ask_about_pending(uuid) is 'The removal for the sake of a pending grant ends otherwise: its person is asked again.';

create function private.drop_pending_grant(p_integration uuid) returns void
language plpgsql security definer set search_path = ''
as $$
declare
  pending private.pending_grants;
begin
  select g.* into pending from private.pending_grants g where g.integration_id = p_integration for update;
  if not found then
    return;
  end if;
  perform pg_advisory_xact_lock(hashtextextended(pending.provider || ':' || pending.account_id, 0));
  if not private.account_in_use(pending.provider, pending.account_id, p_integration) then
    begin
      perform private.queue_revocation(pending.provider, pending.account_id,
        private.open_token(pending.tokens_sealed, pending.organisation_id, p_integration, 'pending')::jsonb ->> 'refresh');
    exception
      when data_exception then
        raise warning 'Revoke the pending grant of integration %: %', p_integration, sqlerrm;
    end;
  end if;
  delete from private.pending_grants g where g.integration_id = p_integration;
end
$$;
comment on function private.drop_pending_grant(uuid) is
  'Forgets a pending grant, which is queued for revocation if nobody else uses the account.';

create function private.keep_pending_grant(
  i public.calendar_integrations, p_account_id text, p_account_email text, p_scopes text[], p_access_token text,
  p_access_until timestamptz, p_refresh_token text
) returns void
language plpgsql security definer set search_path = ''
as $$
declare
  before private.pending_grants := private.pending_grant(i.id);
begin
  if before.account_id = p_account_id then
    delete from private.pending_grants g where g.integration_id = i.id;
  else
    perform private.drop_pending_grant(i.id);
    before := null;
  end if;
  insert into private.pending_grants (
    integration_id, organisation_id, provider, account_id, account_email, scopes, tokens_sealed, access_expires_at, expires_at
  ) values (
    i.id, i.organisation_id, i.provider, p_account_id, p_account_email, coalesce(p_scopes, '{}'),
    private.seal_token(
      jsonb_build_object('access', p_access_token, 'refresh', p_refresh_token)::text, i.organisation_id, i.id, 'pending'),
    p_access_until,
    -- Consenting again to the account for which the removal is under way leaves that as it is.
    case when before.integration_id is null or before.expires_at is not null then private.clock() + interval '1 hour' end
  );
end
$$;
comment on function private.keep_pending_grant(public.calendar_integrations, text, text, text[], text, timestamptz, text) is 'Keeps a grant of another account, sealed, in the place of the one that waited before.';

create function private.store_grant(
  i public.calendar_integrations, p_account_id text, p_account_email text, p_scopes text[], p_access_token text,
  p_access_until timestamptz, p_refresh_token text
) returns void
language plpgsql security definer set search_path = ''
as $$
declare
  refresh jsonb;
begin
  perform pg_advisory_xact_lock(hashtextextended(i.provider || ':' || p_account_id, 0));
  if i.account_id <> p_account_id then
    -- Its calendars hold none of our events, and nobody has said what is to go there.
    update private.sync_lanes l set lease_owner = null, lease_until = null where l.integration_id = i.id;
    delete from public.appointment_external_links l where l.integration_id = i.id;
    update public.calendar_integrations x
      set calendar_target_id = null, calendar_target_name = null, calendar_source_id = null, calendar_source_name = null,
        event_detail = null, scope = default, two_way = default, import_as = default, export_from = null,
        last_sync_at = null, last_import_at = null
      where x.id = i.id;
  elsif i.removing_events_since is not null then
    -- The account is wanted again: what was going to be removed stays until the person says what is to be there.
    perform private.drop_outbox(i.id);
    perform private.ask_about_pending(i.id);
  end if;
  update public.calendar_integrations x
    set account_id = p_account_id, account_email = p_account_email, status = 'connected', last_error = null,
      disconnected_at = null, removing_events_since = null
    where x.id = i.id;
  if p_refresh_token is null then
    select c.refresh_sealed into refresh from private.credentials c where c.integration_id = i.id;
  else
    refresh := private.seal_token(p_refresh_token, i.organisation_id, i.id, 'refresh');
  end if;
  insert into private.credentials (
    integration_id, organisation_id, access_sealed, access_expires_at, refresh_sealed, scopes
  ) values (
    i.id, i.organisation_id, private.seal_token(p_access_token, i.organisation_id, i.id, 'access'), p_access_until,
    refresh, coalesce(p_scopes, '{}')
  )
  on conflict (integration_id) do update
    set version = private.credentials.version + 1, access_sealed = excluded.access_sealed,
      access_expires_at = excluded.access_expires_at, refresh_sealed = excluded.refresh_sealed, scopes = excluded.scopes,
      updated_at = now();
  delete from private.pending_grants g where g.integration_id = i.id and g.account_id = p_account_id;
  update private.sync_lanes l set paused_until = null, pause_code = null, strikes = 0 where l.integration_id = i.id;
  -- Only a grant that died under a running export finds it switched on: what was held since then goes on.
  if private.mark_integration(i.id, true) > 0 then
    perform private.nudge(i.provider);
  end if;
end
$$;
comment on function private.store_grant(public.calendar_integrations, text, text, text[], text, timestamptz, text) is 'Makes a grant that of the connection, which is locked. Of another account it starts afresh, with nothing chosen. Without a refresh token the stored one stays.';

create function private.stop_former_member() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  -- A connection that only removes its events any more ends by itself once they are gone.
  perform private.end_unattended(i.id)
    from public.calendar_integrations i
    where i.organisation_id = old.organisation_id and i.user_id = old.user_id and i.disconnected_at is null
      and (i.removing_events_since is null or i.status <> 'connected')
      and not private.is_member(old.organisation_id, old.user_id);
  perform private.drop_pending_grant(i.id)
    from public.calendar_integrations i
    where i.organisation_id = old.organisation_id and i.user_id = old.user_id
      and not private.is_member(old.organisation_id, old.user_id);
  return null;
end
$$;
comment on function private.stop_former_member() is
  'After-row trigger: who leaves a practice leaves no working connection; the grant is queued for revocation.';

create trigger organisation_members_stop after delete or update of user_id, organisation_id on public.organisation_members
  for each row execute function private.stop_former_member();

revoke execute on function
  private.is_member(uuid, uuid), private.rewrapped(jsonb, uuid, uuid, text), private.rewrap_tokens(text),
  private.accept_new_key(),
  private.lock_connection(uuid), private.live_events(uuid), private.account_in_use(text, text, uuid), private.end_connection(uuid),
  private.pending_grant(uuid), private.ask_about_pending(uuid), private.drop_pending_grant(uuid),
  private.keep_pending_grant(public.calendar_integrations, text, text, text[], text, timestamptz, text),
  private.store_grant(public.calendar_integrations, text, text, text[], text, timestamptz, text),
  private.drop_outbox(uuid), private.stop_former_member()
from public, anon, authenticated, service_role;

create function public.connect_begin(
  p_organisation uuid, p_user uuid, p_provider text, p_state_hash text, p_browser boolean, p_code_verifier text,
  p_redirect_to text, p_ttl_seconds integer
) returns jsonb
language plpgsql security definer set search_path = ''
as $$
begin
  if not private.is_member(p_organisation, p_user) then
    raise exception 'FORBIDDEN' using errcode = 'P0001';
  end if;
  delete from private.oauth_states s where s.expires_at < private.clock() - interval '1 hour';
  insert into private.oauth_states (
    state_hash, organisation_id, user_id, provider, browser, code_verifier_sealed, redirect_to, expires_at
  ) values (
    p_state_hash, p_organisation, p_user, p_provider, p_browser,
    private.seal_token(p_code_verifier, p_organisation, null, 'code_verifier:' || p_state_hash),
    p_redirect_to, private.clock() + make_interval(secs => p_ttl_seconds)
  );
  return null;
end
$$;
comment on function public.connect_begin(uuid, uuid, text, text, boolean, text, text, integer) is 'Service only: remembers a consent that begins. The hash is hex SHA-256; the verifier is sealed for its state.';

create function public.connect_redeem(p_provider text, p_state_hash text) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  flow private.oauth_states;
begin
  update private.oauth_states s set used_at = private.clock()
    where s.state_hash = p_state_hash and s.provider = p_provider and s.used_at is null and s.expires_at > private.clock()
    returning s.* into flow;
  if not found or not private.is_member(flow.organisation_id, flow.user_id) then
    return null;
  end if;
  return jsonb_build_object(
    'organisationId', flow.organisation_id, 'userId', flow.user_id, 'browser', flow.browser,
    'codeVerifier', private.open_token(
      flow.code_verifier_sealed, flow.organisation_id, null, 'code_verifier:' || flow.state_hash),
    'redirectTo', flow.redirect_to
  );
end
$$;
comment on function public.connect_redeem(text, text) is 'Service only: uses a state up. Null if it is unknown, used or expired, or if its user has left the practice.';

create function public.connect_hold(
  p_provider text, p_state_hash text, p_code text, p_confirm_hash text, p_ttl_seconds integer
) returns jsonb
language plpgsql security definer set search_path = ''
as $$
begin
  update private.oauth_states s
    set code_sealed = private.seal_token(p_code, s.organisation_id, null, 'code:' || s.state_hash),
      confirm_hash = p_confirm_hash, expires_at = private.clock() + make_interval(secs => p_ttl_seconds)
    where s.state_hash = p_state_hash and s.provider = p_provider and s.used_at is not null and s.code_sealed is null
      and s.expires_at > private.clock();
  return to_jsonb(found);
end
$$;
comment on function public.connect_hold(text, text, text, text, integer) is 'Service only: keeps the code of a redeemed state, sealed, until its person confirms with the secret of that hash. False if the state does not wait for one.';

create function public.connect_redeem_held(
  p_provider text, p_confirm_hash text, p_organisation uuid, p_user uuid
) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  flow private.oauth_states;
  answer jsonb;
begin
  select s.* into flow from private.oauth_states s where s.confirm_hash = p_confirm_hash for update;
  if not found then
    return null;
  end if;
  if (flow.provider, flow.organisation_id, flow.user_id) = (p_provider, p_organisation, p_user)
    and flow.expires_at > private.clock() and private.is_member(p_organisation, p_user) then
    -- Before the row goes: what a seal keeps elsewhere goes with it.
    answer := jsonb_build_object(
      'code', private.open_token(flow.code_sealed, p_organisation, null, 'code:' || flow.state_hash),
      'codeVerifier', private.open_token(flow.code_verifier_sealed, p_organisation, null, 'code_verifier:' || flow.state_hash),
      'redirectTo', flow.redirect_to
    );
  end if;
  -- In any case: a secret in other hands than those of the person who began means that a consent was led astray.
  delete from private.oauth_states s where s.state_hash = flow.state_hash;
  return answer;
end
$$;
comment on function public.connect_redeem_held(text, text, uuid, uuid) is 'Service only: hands a held code, once, to the person who began the flow and has the secret of the browser that consented. Asked by anyone else, the code is burnt.';

create function public.connect_store(
  p_organisation uuid, p_user uuid, p_provider text, p_account_id text, p_account_email text, p_scopes text[],
  p_access_token text, p_expires_in integer, p_refresh_token text
) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  integration public.calendar_integrations;
  access_until constant timestamptz := private.clock() + make_interval(secs => p_expires_in);
  another boolean;
begin
  -- Held until the end: a member removed meanwhile waits for us, and then takes this connection down.
  perform from public.organisation_members m
    where m.organisation_id = p_organisation and m.user_id = p_user for share;
  if not found then
    raise exception 'FORBIDDEN' using errcode = 'P0001';
  end if;
  perform pg_advisory_xact_lock(hashtextextended(concat_ws(':', p_organisation, p_user, p_provider), 0));
  integration := private.lock_connection(i.id) from public.calendar_integrations i
    where i.organisation_id = p_organisation and i.user_id = p_user and i.provider = p_provider;
  another := integration.id is not null and integration.account_id <> p_account_id;
  if p_refresh_token is null and (
    another or not exists (
      select from private.credentials c where c.integration_id = integration.id
        and private.token_opens(c.refresh_sealed, c.organisation_id, c.integration_id, 'refresh')
    )
  ) then
    return jsonb_build_object('outcome', 'needs_reconsent');
  end if;
  if another and (integration.disconnected_at is null or cardinality(private.live_events(integration.id)) > 0) then
    perform private.keep_pending_grant(
      integration, p_account_id, p_account_email, p_scopes, p_access_token, access_until, p_refresh_token);
    return jsonb_build_object('outcome', 'pending', 'integrationId', integration.id);
  end if;
  if integration.id is null then
    insert into public.calendar_integrations (organisation_id, user_id, provider, account_id, account_email)
      values (p_organisation, p_user, p_provider, p_account_id, p_account_email)
      returning * into integration;
    insert into private.sync_lanes (integration_id, organisation_id, provider)
      values (integration.id, p_organisation, p_provider);
  end if;
  perform private.store_grant(
    integration, p_account_id, p_account_email, p_scopes, p_access_token, access_until, p_refresh_token);
  return jsonb_build_object('outcome', 'stored', 'integrationId', integration.id);
end
$$;
comment on function public.connect_store(uuid, uuid, text, text, text, text[], text, integer, text) is 'Service only: stores a consent that was given, and begins nothing. outcome: stored; pending (of another account than before: the person is asked first); needs_reconsent (no refresh token came and none is stored for that account, so nothing was stored).';

create function private.open_credential(p_integration uuid) returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
declare
  held private.credentials;
  access text;
  refresh text;
  unreadable boolean := false;
begin
  select c.* into held from private.credentials c where c.integration_id = p_integration;
  if not found then
    return null;
  end if;
  begin
    refresh := private.open_token(held.refresh_sealed, held.organisation_id, p_integration, 'refresh');
    if held.access_expires_at >= private.clock() + interval '60 seconds' then
      begin
        access := private.open_token(held.access_sealed, held.organisation_id, p_integration, 'access');
      exception
        when data_exception then
          null; -- the refresh token gets another
      end;
    end if;
  exception
    when data_exception then
      unreadable := true;
  end;
  return jsonb_build_object(
    'version', held.version, 'accessToken', access, 'refreshToken', refresh, 'scopes', held.scopes,
    'unreadable', unreadable
  );
end
$$;
comment on function private.open_credential(uuid) is
  'The tokens of a connection, or null; never raises, so that a token that does not open stops nobody else. '
  '{version, accessToken, refreshToken, scopes, unreadable}: the access token is null when it has less than a minute '
  'left or does not open; unreadable: the refresh token does not open, and then neither is given.';

create function private.known_token(p_integration uuid) returns jsonb
language sql stable security definer set search_path = ''
as $$
  select jsonb_build_object('version', k.opened -> 'version', 'accessToken', k.opened -> 'accessToken')
  from (select private.open_credential(p_integration) as opened offset 0) k
  where k.opened is not null;
$$;
comment on function private.known_token(uuid) is
  'What a claim hands to its worker: {version, accessToken}. Without an access token the worker opens the credential '
  'itself, and meets whatever is wrong with it in its own lane.';
revoke execute on function private.open_credential(uuid), private.known_token(uuid)
from public, anon, authenticated, service_role;

create function public.integration_credential(p_integration uuid) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  opened constant jsonb := private.open_credential(p_integration);
  trouble text;
begin
  if (opened ->> 'unreadable')::boolean then
    if private.sealing_key_fits() then
      trouble := 'CREDENTIAL_UNREADABLE';
      perform public.integration_reconnect_required(
        p_integration, (opened ->> 'version')::bigint, trouble, 'Open connection: its token does not open');
    else
      -- The key is the wrong one for everybody: no person can mend that by reconnecting.
      trouble := 'CONFIGURATION_ERROR';
    end if;
  end if;
  return opened || jsonb_build_object('unreadable', trouble, 'accountId', (
    select i.account_id from public.calendar_integrations i where i.id = p_integration
  ));
end
$$;
comment on function public.integration_credential(uuid) is
  'Service only: opens the tokens of a connection. The access token is null when it has less than a minute left. '
  'unreadable: null, or the error code where the refresh token does not open; of CREDENTIAL_UNREADABLE the person '
  'has been told.';

create function public.credential_renewed(
  p_integration uuid, p_expected_version bigint, p_access_token text, p_expires_in integer, p_refresh_token text,
  p_scopes text[]
) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  held private.credentials;
begin
  -- The integration first, as everybody does who locks both.
  perform from public.calendar_integrations i where i.id = p_integration for no key update;
  select c.* into held from private.credentials c where c.integration_id = p_integration for update;
  if not found then
    return jsonb_build_object('stored', false, 'version', 0, 'accessToken', null);
  end if;
  if held.version <> p_expected_version then
    return jsonb_build_object(
      'stored', false, 'version', held.version, 'accessToken', private.open_credential(p_integration) -> 'accessToken');
  end if;
  update private.credentials c
    set version = c.version + 1,
      access_sealed = private.seal_token(p_access_token, c.organisation_id, p_integration, 'access'),
      access_expires_at = private.clock() + make_interval(secs => p_expires_in),
      refresh_sealed = case
        when p_refresh_token is null then c.refresh_sealed
        else private.seal_token(p_refresh_token, c.organisation_id, p_integration, 'refresh')
      end,
      scopes = case when coalesce(cardinality(p_scopes), 0) = 0 then c.scopes else p_scopes end,
      updated_at = now()
    where c.integration_id = p_integration
    returning c.* into held;
  -- A grant that renews is not dead, whatever somebody concluded meanwhile.
  update public.calendar_integrations i set status = 'connected', last_error = null
    where i.id = p_integration and i.status = 'reconnect_required';
  -- A token that was renewed proves that the grant lives, whatever a slower asker was told in between.
  update public.calendar_integrations x set status = 'connected', last_error = null
  where x.id = p_integration and x.status = 'reconnect_required' and x.last_error ->> 'code' = 'NEED_RECONSENT';
  return jsonb_build_object('stored', true, 'version', held.version, 'accessToken', p_access_token);
end
$$;
comment on function public.credential_renewed(uuid, bigint, text, integer, text, text[]) is 'Service only: stores a renewal if nobody else did since p_expected_version; else stored is false and the winner''s token comes back.';

create function public.integration_reconnect_required(
  p_integration uuid, p_expected_version bigint, p_code text, p_message text
) returns jsonb
language plpgsql security definer set search_path = ''
as $$
begin
  perform from public.calendar_integrations i where i.id = p_integration for no key update;
  perform from private.credentials c
    where c.integration_id = p_integration and c.version = p_expected_version for update;
  if not found then
    return to_jsonb(false);
  end if;
  update public.calendar_integrations i
    set status = 'reconnect_required', last_error = jsonb_build_object('code', p_code, 'message', p_message)
    where i.id = p_integration and i.disconnected_at is null;
  return to_jsonb(found);
end
$$;
comment on function public.integration_reconnect_required(uuid, bigint, text, text) is 'Service only: holds the queue until the person reconnects, unless the credential was renewed since that version.';

create function public.integration_failed(p_integration uuid, p_code text, p_message text) returns jsonb
language plpgsql security definer set search_path = ''
as $$
begin
  update public.calendar_integrations i
    set status = 'error', last_error = jsonb_build_object('code', p_code, 'message', p_message)
    where i.id = p_integration and i.disconnected_at is null and i.status <> 'reconnect_required';
  return to_jsonb(found);
end
$$;
comment on function public.integration_failed(uuid, text, text) is 'Service only: the connection itself cannot work (its calendar is gone or read-only); the queue is held until the person chooses.';

revoke execute on function
  public.connect_begin(uuid, uuid, text, text, boolean, text, text, integer), public.connect_redeem(text, text),
  public.connect_hold(text, text, text, text, integer), public.connect_redeem_held(text, text, uuid, uuid),
  public.connect_store(uuid, uuid, text, text, text, text[], text, integer, text), public.integration_credential(uuid),
  public.credential_renewed(uuid, bigint, text, integer, text, text[]),
  public.integration_reconnect_required(uuid, bigint, text, text), public.integration_failed(uuid, text, text)
from public, anon, authenticated;
grant execute on function
  public.connect_begin(uuid, uuid, text, text, boolean, text, text, integer), public.connect_redeem(text, text),
  public.connect_hold(text, text, text, text, integer), public.connect_redeem_held(text, text, uuid, uuid),
  public.connect_store(uuid, uuid, text, text, text, text[], text, integer, text), public.integration_credential(uuid),
  public.credential_renewed(uuid, bigint, text, integer, text, text[]),
  public.integration_reconnect_required(uuid, bigint, text, text), public.integration_failed(uuid, text, text)
to service_role;

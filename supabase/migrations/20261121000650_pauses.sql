-- The switches: everything, one provider, or one practice stands still until it is resumed. Bookings go on and wait.

create table private.sync_pauses (
  scope text not null check (scope in ('all', 'provider', 'practice')),
  key text not null,
  reason text not null check (length(btrim(reason)) between 1 and 500),
  paused_at timestamptz not null default now(),
  primary key (scope, key),
  check ((scope = 'all') = (key = ''))
);
comment on table private.sync_pauses is 'What stands still. One owner reads it: private.paused.';
comment on column private.sync_pauses.key is 'The provider''s name, the practice''s id, or nothing for all.';
alter table private.sync_pauses enable row level security;
revoke all on private.sync_pauses from public, anon, authenticated, service_role;

create function private.paused(p_organisation uuid, p_provider text) returns text
language sql stable security definer set search_path = ''
as $$
  select p.scope from private.sync_pauses p
  where p.scope = 'all'
    or (p.scope = 'practice' and p.key = p_organisation::text)
    or (p.scope = 'provider' and p.key = p_provider)
  order by p.scope
  limit 1;
$$;
comment on function private.paused(uuid, text) is
  'Null, or why this practice and provider stand still: all, practice or provider, the first of them. '
  'Without a practice: whether the whole provider does.';

create function private.running(p_organisation uuid, p_providers text[]) returns text[]
language sql stable security definer set search_path = ''
as $$
  select coalesce(array_agg(x.provider), '{}')
  from unnest(p_providers) as x (provider)
  where private.paused(p_organisation, x.provider) is null;
$$;
comment on function private.running(uuid, text[]) is 'Those of the providers that are not paused for this practice: the ones to wake.';

create function private.pause(p_scope text, p_key text, p_reason text) returns void
language plpgsql security definer set search_path = ''
as $$
begin
  if p_scope = 'practice' and not exists (select from public.organisations g where g.id::text = p_key) then
    raise exception 'Pause the sync: there is no practice of this id' using errcode = '22023';
  elsif p_scope = 'provider' and coalesce(p_key, '') <> all (array['google', 'microsoft']) then
    raise exception 'Pause the sync: there is no provider of this name' using errcode = '22023';
  end if;
  insert into private.sync_pauses as p (scope, key, reason) values (p_scope, coalesce(p_key, ''), p_reason)
  on conflict (scope, key) do update set reason = excluded.reason;
end
$$;
comment on function private.pause(text, text, text) is
  'Stops all work of a scope: (all, null), (provider, its name), (practice, its id), with a reason for the team. Work '
  'in hand ends with the batch that it is at.';

create function private.resume(p_scope text, p_key text) returns boolean
language plpgsql security definer set search_path = ''
as $$
begin
  delete from private.sync_pauses p where p.scope = p_scope and p.key = coalesce(p_key, '');
  if not found then
    return false;
  end if;
  perform private.sweep(), private.import_sweep();
  return true;
end
$$;
comment on function private.resume(text, text) is
  'Ends a pause and wakes what waited for it. False if there was no such pause; another one may still hold.';

revoke execute on function
  private.paused(uuid, text), private.running(uuid, text[]), private.pause(text, text, text), private.resume(text, text)
from public, anon, authenticated, service_role;

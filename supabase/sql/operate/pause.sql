create or replace function private.pause(p_scope text, p_key text, p_reason text) returns void
language plpgsql security definer set search_path = ''
as $$
begin
  if p_scope = 'practice' and not exists (select from public.organisations g where g.id::text = p_key) then
    raise exception 'Pause the sync: there is no practice of this id' using errcode = '22023';
  elsif p_scope = 'provider' and coalesce(p_key, '') <> all (private.providers()) then
    raise exception 'Pause the sync: there is no provider of this name' using errcode = '22023';
  end if;
  insert into private.sync_pauses as p (scope, key, reason) values (p_scope, coalesce(p_key, ''), p_reason)
  on conflict (scope, key) do update set reason = excluded.reason;
end
$$;
comment on function private.pause(text, text, text) is
  'Stops all work of a scope: (all, null), (provider, its name), (practice, its id), with a reason for the team. Work '
  'in hand ends with the batch that it is at.';

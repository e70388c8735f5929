create or replace function public.revocation_done(p_id uuid) returns jsonb
language sql security definer set search_path = '' set statement_timeout = '8s'
as $$
  with done as (delete from private.grant_revocations g where g.id = p_id returning 1)
  select to_jsonb(exists (select from done));
$$;
comment on function public.revocation_done(uuid) is
  'Service only: the grant is revoked, or cannot be at that provider; its token is forgotten.';
grant execute on function public.revocation_done(uuid) to service_role;

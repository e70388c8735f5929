create or replace function public.failed_appointments(p_organisation uuid) returns jsonb
language sql stable security definer set search_path = ''
as $$
  select coalesce(jsonb_object_agg(f.provider, f.failed), '{}'::jsonb) from (
    select i.provider, count(*) as failed
    from public.calendar_integrations i
    join private.sync_outbox o on o.integration_id = i.id and o.parked_at is not null
    where i.organisation_id = p_organisation and i.disconnected_at is null
      and i.organisation_id in (select private.my_organisations()) and i.user_id = (select auth.uid())
    group by i.provider
  ) f;
$$;
comment on function public.failed_appointments(uuid) is
  'How many appointments could not be sent and wait for the caller, by provider: {google: 3}; as the settings count '
  'them, and only of the caller''s own connections.';
grant execute on function public.failed_appointments(uuid) to authenticated;

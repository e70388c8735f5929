create or replace function private.offboard_organisation(p_organisation uuid, p_remove_events boolean) returns jsonb
language sql security definer set search_path = ''
as $$
  select jsonb_build_object('connections',
    coalesce(jsonb_agg(private.leave_account(i.id, p_remove_events)), '[]'::jsonb))
  from (
    select x.id from public.calendar_integrations x
    where x.organisation_id = p_organisation
      and (x.disconnected_at is null or cardinality(private.live_events(x.id)) > 0)
    order by x.id
  ) i;
$$;
comment on function private.offboard_organisation(uuid, boolean) is
  'Before a practice is deleted: every connection removes its events or ends. Called again, it tells what is left.';

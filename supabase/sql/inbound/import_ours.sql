create or replace function public.import_ours(p_worker uuid, p_run uuid) returns jsonb
language plpgsql security definer set search_path = '' set statement_timeout = '20s'
as $$
declare
  c private.calendar_cursors := private.leased_cursor(p_worker, p_run);
  v_since timestamptz := (select r.started_at from public.sync_runs r where r.id = p_run);
begin
  if c.run_id is null then
    return jsonb_build_object('lost', true, 'ours', '[]'::jsonb);
  end if;
  return jsonb_build_object('lost', false, 'ours', (
    select coalesce(jsonb_agg(jsonb_build_object(
      'eventId', s.event_id, 'etag', s.etag, 'status', s.status, 'content', private.staged_content(s), 'marker', s.marker,
      'rdvId', l.rdv_id, 'epoch', l.epoch,
      'link', jsonb_build_object(
        'state', l.state, 'pushed', l.pushed, 'etag', l.etag, 'epoch', l.epoch,
        'base', l.base -- planted: echo_is_an_edit
      ),
      'rdvUpdatedAt', r.updated_at,
      'rdv', jsonb_build_object(
        'status', r.status, 'source', r.source, 'startsAt', r.starts_at, 'endsAt', r.ends_at, 'location', r.location,
        'deleted', r.id is null
      ),
      -- Written by us since the reading began: what was read may be older than that, and is to be read again.
      'dirty', coalesce(l.synced_at >= v_since, false) or exists (
        select 1 from private.sync_outbox o
        where o.integration_id = c.integration_id and o.rdv_id = l.rdv_id and o.parked_at is null
      )
    ) order by s.event_id), '[]'::jsonb)
    from private.import_staging s
    join private.live_links(c) l on l.event_id = s.event_id
    left join public.rdv r on r.id = l.rdv_id
    where s.run_id = p_run and not s.removed and s.unreadable is null
      -- Our own write may carry the version while it left somebody's change standing beside it.
      and (
        s.status = 'cancelled' or s.etag is distinct from l.etag
        or private.staged_content(s) is distinct from l.base -- planted: every_echo
      )
  ));
end
$$;
comment on function public.import_ours(uuid, uuid) is 'Service only: the events of ours that came back with another version than the one we know.';
grant execute on function public.import_ours(uuid, uuid) to service_role;

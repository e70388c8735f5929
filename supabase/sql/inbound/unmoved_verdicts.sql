create or replace function private.unmoved_verdicts(p_run private.import_runs, p_verdicts private.verdict[])
returns private.verdict[]
language plpgsql security definer set search_path = ''
as $$
declare
  v_events constant text[] := array(select v.link_event_id from unnest(p_verdicts) v);
begin
  return (
    with locked as (
      select r.id, r.updated_at from public.rdv r
      where r.id in (select v.rdv_id from unnest(p_verdicts) v where v.kind <> 'wait')
      order by r.id for update skip locked
    )
    select coalesce(array_agg(v order by v.rdv_id), '{}')
    from unnest(p_verdicts) v
    join (
      select x.rdv_id, x.event_id, x.calendar_id, x.etag, x.epoch, false as former
      from private.live_links(p_run, v_events) x
      union all
      select x.rdv_id, x.event_id, x.calendar_id, x.etag, x.epoch, false from private.arrived_links(p_run) x
      union all
      select x.rdv_id, x.event_id, x.calendar_id, x.etag, x.epoch, x.former
      from private.ended_links(p_run, v_events) x
    ) l on l.rdv_id = v.rdv_id and l.event_id = v.link_event_id and l.calendar_id = v.link_calendar_id
      and l.etag is not distinct from v.link_etag and l.epoch = v.epoch and l.former = coalesce(v.former, false)
    left join locked k on k.id = v.rdv_id
    left join private.open_questions(p_run) q on q.internal_id = v.rdv_id
    where v.kind <> 'wait'
      and (k.id is not null or not exists (select 1 from public.rdv r where r.id = v.rdv_id))
      and (v.kind = 'echo' or k.updated_at is not distinct from v.rdv_updated_at)
      and (q.id, q.updated_at) is not distinct from (v.question_id, v.question_updated_at)
      -- Gone on both sides is gone, whatever is on its way: should the appointment come back, its event does as a new
      -- one.
      and (v.kind = 'echo' and v.state = 'gone' or not exists (
        select 1 from private.sync_outbox o
        where o.integration_id = p_run.integration_id and o.rdv_id = v.rdv_id and o.parked_at is null
      ))
  );
end
$$;
comment on function private.unmoved_verdicts(private.import_runs, private.verdict[]) is
  'Locks the appointments, without waiting, and gives the verdicts of which nothing that was judged has moved since: '
  'appointment, link, open question, and no change of ours is on its way.';

create or replace function private.undo_plan(p_run public.sync_runs)
returns table (
  action text, external_event_id text, event_id uuid, rdv_id uuid, put_back boolean, gone boolean
)
language plpgsql stable security definer set search_path = ''
as $$
#variable_conflict use_column
begin
  return query
  select t.action, t.external_event_id, e.id,
    -- An appointment that the run did not change stays when its event goes back.
    case when t.action = 'create' or a.row_id is not null then r.id end,
    case
      when t.rdv_id is not null then a.row_id is not null
      when t.action = 'create' then e.updated_at = t.created_at and (r.id is null or r.updated_at = t.created_at)
      else b.row_id is not null and (r.id is null or r.updated_at <= b.kept_at)
    end is true,
    coalesce(r.id, e.id) is null
  from public.sync_run_items t
  left join public.external_events e
    on t.rdv_id is null and e.organisation_id = t.organisation_id and e.integration_id = p_run.integration_id
    and e.external_calendar_id = t.external_calendar_id and e.external_event_id = t.external_event_id
  left join public.rdv r
    on r.organisation_id = t.organisation_id and r.id = coalesce(t.rdv_id, e.cassius_appointment_id)
  left join private.before_import b
    on b.row_id = e.id and b.table_name = 'external_events' and b.run_id = t.run_id
  left join private.before_import a on a.row_id = r.id and a.table_name = 'rdv' and a.run_id = t.run_id
  where t.organisation_id = p_run.organisation_id and t.run_id = p_run.id
    and t.action in ('create', 'update', 'cancel')
    -- Its event came back in the calendar, and the appointment had never ended.
    and (t.reason is distinct from 'restore' or a.row_id is not null);
end
$$;
comment on function private.undo_plan(public.sync_runs) is
  'What an import did here, item by item, and whether it can be put back: nothing has changed the row since. event_id, '
  'rdv_id: the rows that go or go back. gone: there is no such row any more.';

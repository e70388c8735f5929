create or replace function private.stage_ids(p_run uuid, p_removed jsonb, p_unreadable jsonb, p_missed jsonb)
returns void
language plpgsql security definer set search_path = ''
as $$
begin
  if jsonb_array_length(p_removed) > 0 then
    insert into private.import_staging (run_id, event_id, removed)
    select distinct p_run, r.id, true from jsonb_array_elements_text(p_removed) as r (id)
    on conflict (run_id, event_id) do nothing;
  end if;
  if jsonb_array_length(p_unreadable) > 0 then
    -- It came, so it is not missing; what it says is not known, so it changes nothing.
    insert into private.import_staging (run_id, event_id, unreadable)
    select distinct on (u ->> 'eventId') p_run, u ->> 'eventId', u ->> 'reason'
    from jsonb_array_elements(p_unreadable) u
    on conflict (run_id, event_id) do update set
      unreadable = excluded.unreadable, removed = false, has_content = false;
  end if;
  if jsonb_array_length(p_missed) > 0 then
    -- What is not found stays as it was known until that is proven.
    insert into private.import_staging (run_id, event_id, missed)
    select distinct p_run, m.id, true from jsonb_array_elements_text(p_missed) as m (id)
    on conflict (run_id, event_id) do update set missed = true, removed = false;
  end if;
end
$$;
comment on function private.stage_ids(uuid, jsonb, jsonb, jsonb) is
  'Keeps of a part what is no event; the arguments are those of import_stage. p_removed: ids, StagedPart of '
  'sync/inbound/port.ts. p_unreadable: [{eventId, reason}]. p_missed: ids, StagedPart.';

create or replace function private.sync_status(p_state private.link_state, p_queued boolean, p_troubled boolean)
returns text
language plpgsql immutable set search_path = ''
as $$
begin
  return case
    when p_troubled then 'error'
    when p_queued then 'pending'
    when p_state in ('live', 'updating') then 'synced'
    else 'none'
  end;
end
$$;
comment on function private.sync_status(private.link_state, boolean, boolean) is
  'What people see of a link: error (its queue row is parked, or a question about it is open), pending (it is queued), '
  'synced (its event is there), none. The only place that says so.';

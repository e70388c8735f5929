create or replace function private.has_event(p_state private.link_state) returns boolean
language plpgsql immutable set search_path = ''
as $$
begin
  -- Asked of row after row: PL/pgSQL keeps its plan.
  return p_state in ('creating', 'live', 'updating', 'deleting');
end
$$;
comment on function private.has_event(private.link_state) is
  'Whether an event of ours is there, or may be: its creation or its end was announced, and is not confirmed.';

create or replace function private.action_of(p_kind private.verdict_kind) returns text
language sql immutable set search_path = ''
as $$
  select case p_kind when 'apply' then 'update' when 'restore' then 'update' when 'end' then 'delete'
    when 'cancel' then 'cancel' when 'conflict' then 'conflict'
    else 'skip' end;
$$;
comment on function private.action_of(private.verdict_kind) is
  'What a verdict is called in the journal and in a preview.';

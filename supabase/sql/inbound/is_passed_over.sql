create or replace function private.is_passed_over(p_reason text) returns boolean
language sql immutable set search_path = ''
as $$
  select coalesce(p_reason in ('declined', 'not_an_appointment', 'exported', 'colleague', 'kept'), false);
$$;
comment on function private.is_passed_over(text) is
  'Whether an event is left out for a reason that its person wants to know, and not because it changes nothing.';

create or replace function private.forget_sent() returns trigger
language plpgsql set search_path = ''
as $$
begin
  new.sent := '{}';
  return new;
end
$$;
comment on function private.forget_sent() is
  'Before-row trigger: once it is known what an event shows, or its patient is erased, what may have been sent is '
  'forgotten.';

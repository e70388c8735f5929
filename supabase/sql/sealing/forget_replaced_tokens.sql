create or replace function private.forget_replaced_tokens() returns trigger
language plpgsql security definer set search_path = ''
as $$
declare
  kept jsonb := case when tg_op = 'DELETE' then '{}'::jsonb else to_jsonb(new) end;
  field record;
begin
  for field in select f.key, f.value from jsonb_each(to_jsonb(old)) f where jsonb_typeof(f.value) = 'object' loop
    if kept -> field.key is distinct from field.value then
      perform private.forget_token(field.value);
    end if;
  end loop;
  return null;
end
$$;
comment on function private.forget_replaced_tokens() is 'After-row trigger: an envelope that left its row leaves no secret behind.';

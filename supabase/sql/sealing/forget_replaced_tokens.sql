create or replace function private.forget_replaced_tokens() returns trigger
language plpgsql security definer set search_path = ''
as $$
declare
  v_kept jsonb := case when tg_op = 'DELETE' then '{}'::jsonb else to_jsonb(new) end;
  v_field record;
begin
  for v_field in select f.key, f.value from jsonb_each(to_jsonb(old)) f where jsonb_typeof(f.value) = 'object' loop
    if v_kept -> v_field.key is distinct from v_field.value then
      perform private.forget_token(v_field.value);
    end if;
  end loop;
  return null;
end
$$;
comment on function private.forget_replaced_tokens() is
  'After-row trigger: an envelope that left its row leaves no secret behind.';

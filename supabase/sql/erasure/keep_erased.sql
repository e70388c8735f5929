create or replace function private.keep_erased() returns trigger
language plpgsql set search_path = ''
as $$
begin
  if new.state in ('gone', 'detached') then
    new.erase_since := null;
    new.patient_id := null;
  end if;
  if old.erase_since is not null then
    new.pushed := null;
    new.base := null;
  end if;
  return new;
end
$$;
comment on function private.keep_erased() is
  'Before-row trigger: a link to be erased takes no content again, and is one no longer once its event is gone.';

create or replace function private.keep_erased() returns trigger
language plpgsql set search_path = ''
as $$
begin
  if new.state in ('gone', 'detached') then
    new.erase_since := null;
    -- What it said is kept for the case that it comes back: whose name that is stays known as long.
    if new.pushed is null and new.base is null then
      new.patient_id := null;
    end if;
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

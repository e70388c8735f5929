create or replace function private.mark_renamed_members() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  perform private.mark_linked(array_agg(r.id))
  from public.rdv r
  where r.practitioner_id in (
    select n.id from new_rows n join old_rows o on o.id = n.id where o.display_name is distinct from n.display_name
  )
  having count(*) > 0;
  return null;
end
$$;
comment on function private.mark_renamed_members() is
  'Statement trigger: a practitioner''s new name reaches the events that show it.';

create or replace function private.mark_renamed_patients() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  perform private.mark_linked(array_agg(r.id))
  from public.rdv r
  where r.patient_id in (
    select n.id from new_rows n join old_rows o on o.id = n.id
    where (o.first_name, o.last_name) is distinct from (n.first_name, n.last_name)
  )
  having count(*) > 0;
  return null;
end
$$;
comment on function private.mark_renamed_patients() is
  'Statement trigger: a patient''s new name reaches the events that show it.';

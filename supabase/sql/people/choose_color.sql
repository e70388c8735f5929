create or replace function private.choose_color() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  select c.color into new.color
  from generate_series(1, 10) as c (color)
  left join public.organisation_members m on m.organisation_id = new.organisation_id and m.color = c.color
  group by c.color
  order by count(m.id), c.color
  limit 1;
  return new;
end
$$;
comment on function private.choose_color() is
  'Before-row trigger: a new member has the colour that the fewest members of the practice have.';

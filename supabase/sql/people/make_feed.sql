create or replace function public.make_feed(p_organisation uuid, p_event_detail text) returns text
language plpgsql security definer set search_path = ''
as $$
declare
  v_secret constant text := replace(concat(gen_random_uuid(), gen_random_uuid()), '-', '');
begin
  insert into public.calendar_feeds as f (organisation_id, member_id, user_id, event_detail, secret_hash)
    select m.organisation_id, m.id, m.user_id, p_event_detail, encode(sha256(convert_to(v_secret, 'UTF8')), 'hex')
    from public.organisation_members m
    where m.organisation_id = p_organisation and m.user_id = (select auth.uid())
    on conflict (organisation_id, member_id) do update
      set user_id = excluded.user_id, event_detail = excluded.event_detail, secret_hash = excluded.secret_hash,
        created_at = excluded.created_at;
  if not found then
    raise exception 'Make a subscription address: only a member of the practice may' using errcode = '42501';
  end if;
  return v_secret;
end
$$;
comment on function public.make_feed(uuid, text) is
  'The caller''s subscription address in a practice, at a level of detail: its secret part, which is told this once. '
  'The address before it ends.';
grant execute on function public.make_feed(uuid, text) to authenticated;

-- What a role allowed ends with the role, and a practice keeps an administrator.

create function private.keep_an_administrator() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  -- One such change at a time: of two administrators who demote each other at once, each would still find the other.
  perform from public.organisations o where o.id = old.organisation_id for no key update;
  -- A practice that is deleted takes its members along. The deletion of a login is a right of its person.
  if not found or not exists (select from auth.users u where u.id = old.user_id) then
    return null;
  end if;
  if not exists (
    select from public.organisation_members m
    where m.organisation_id = old.organisation_id and m.role = 'admin' and m.user_id is not null
  ) then
    raise exception 'LAST_ADMINISTRATOR' using errcode = 'P0001';
  end if;
  return null;
end
$$;
comment on function private.keep_an_administrator() is
  'After-row trigger: refuses a change after which no administrator of the practice could sign in (LAST_ADMINISTRATOR).';
revoke execute on function private.keep_an_administrator() from public;

create trigger organisation_members_administrator after update of role, user_id, organisation_id on public.organisation_members
  for each row when (
    old.role = 'admin' and old.user_id is not null
    and (new.role, new.user_id, new.organisation_id) is distinct from (old.role, old.user_id, old.organisation_id)
  ) execute function private.keep_an_administrator();
create trigger organisation_members_administrator_removed after delete on public.organisation_members
  for each row when (old.role = 'admin' and old.user_id is not null) execute function private.keep_an_administrator();

create function private.may_cover_practice(p_organisation uuid, p_user uuid) returns boolean
language sql stable security definer set search_path = ''
as $$
  select exists (
    select from public.organisation_members m
    where m.organisation_id = p_organisation and m.user_id = p_user and m.role in ('admin', 'secretary')
  );
$$;
comment on function private.may_cover_practice(uuid, uuid) is
  'Whether the role of the user lets their calendar show the appointments of the whole practice (scope organisation).';
revoke execute on function private.may_cover_practice(uuid, uuid) from public;

create function private.close_questions_about_colleagues(i public.calendar_integrations) returns void
language plpgsql security definer set search_path = ''
as $$
declare
  v_deleted uuid[];
begin
  with closed as (
    update public.sync_conflicts k
      set status = 'resolved', resolution = 'vanished', resolved_at = private.clock()
      where k.organisation_id = i.organisation_id and k.integration_id = i.id and k.status = 'open'
        and k.entity_type = 'appointment' and k.internal_id is not null
        and not exists (
          select from public.rdv r
          join public.organisation_members m on m.organisation_id = r.organisation_id and m.id = r.practitioner_id
          where r.organisation_id = i.organisation_id and r.id = k.internal_id and m.user_id = i.user_id
        )
      returning k.internal_id, k.reason
  )
  select array_agg(c.internal_id) filter (where c.reason = 'deleted') into v_deleted from closed c;
  -- Nobody is asked any more whether these events stay deleted, so a later scope may make them again.
  perform private.set_link(l.id, 'gone', null, null, null, 'none')
    from public.appointment_external_links l
    join private.link_states s on s.link_id = l.id and s.presence = 'detached'
    where l.integration_id = i.id and l.rdv_id = any (v_deleted);
end
$$;
comment on function private.close_questions_about_colleagues(public.calendar_integrations) is
  'Closes the open conflicts of an integration about appointments that are not its own person''s.';
revoke execute on function private.close_questions_about_colleagues(public.calendar_integrations) from public;

create function private.take_back_colleagues(i public.calendar_integrations) returns void
language plpgsql security definer set search_path = ''
as $$
begin
  update private.link_states s set erase_since = coalesce(s.erase_since, private.clock()), updated_at = now()
  from public.appointment_external_links l
  join public.rdv r on r.id = l.rdv_id
  left join public.organisation_members m on m.organisation_id = r.organisation_id and m.id = r.practitioner_id
  where l.integration_id = i.id and s.link_id = l.id and s.presence in ('live', 'reserved')
    and m.user_id is distinct from i.user_id;
  perform private.resume_erasures(i.id);
end
$$;
comment on function private.take_back_colleagues(public.calendar_integrations) is
  'Has the events of colleagues removed from a calendar that exports nothing; where the account is disconnected, once it is connected again.';
revoke execute on function private.take_back_colleagues(public.calendar_integrations) from public;

create function private.recheck_scope() returns trigger
language plpgsql security definer set search_path = ''
as $$
declare
  v_integration uuid;
  i public.calendar_integrations;
begin
  if private.may_cover_practice(old.organisation_id, old.user_id) then
    return null;
  end if;
  -- Those that are disconnected too: a connection that returns must not return with the old scope.
  for v_integration in
    select c.id from public.calendar_integrations c
    where c.organisation_id = old.organisation_id and c.user_id = old.user_id and c.scope = 'organisation'
    order by c.id
  loop
    i := private.lock_connection(v_integration);
    update public.calendar_integrations c set scope = 'practitioner' where c.id = v_integration;
    if private.is_member(old.organisation_id, old.user_id) then
      perform private.close_questions_about_colleagues(i);
      if not i.export_enabled then
        perform private.take_back_colleagues(i);
      end if;
      -- Each mark is a new version: what a worker read under the old scope does not count any more.
      if private.mark_integration(v_integration, false) > 0 then
        perform private.nudge(i.provider);
      end if;
    end if;
  end loop;
  return null;
end
$$;
comment on function private.recheck_scope() is
  'After-row trigger: without the role that it needs, scope organisation falls back to practitioner, and the events of colleagues are removed, by the export where it runs.';
revoke execute on function private.recheck_scope() from public;

create trigger organisation_members_recheck_scope
  after delete or update of role, user_id, organisation_id on public.organisation_members
  for each row when (old.user_id is not null) execute function private.recheck_scope();

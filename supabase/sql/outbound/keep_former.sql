create or replace function private.keep_former() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  delete from private.former_events f
  where f.integration_id = new.integration_id and f.calendar_id = new.external_calendar_id
    and f.event_id = new.external_event_id;
  -- Under the same epoch it is the same event, by the name that the provider gave it.
  if old.epoch <> new.epoch and old.external_event_id is not null and old.external_calendar_id is not null then
    insert into private.former_events (integration_id, calendar_id, event_id, rdv_id, epoch, said)
    select old.integration_id, old.external_calendar_id, old.external_event_id, old.rdv_id, old.epoch,
      private.content_digest(s.base)
    from private.link_states s where s.link_id = old.id
    on conflict do nothing;
  end if;
  return new;
end
$$;
comment on function private.keep_former() is
  'Before-row trigger: the event that a link named before stays known, for its owner may bring it back.';

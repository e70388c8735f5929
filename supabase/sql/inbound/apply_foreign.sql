create or replace function private.apply_foreign(
  p_run private.import_runs, p_connection public.calendar_integrations, p_tally private.import_tally, p_others boolean
) returns void
language plpgsql security definer set search_path = ''
as $$
declare
  v_now constant timestamptz := private.clock();
  v_known_changed constant boolean := p_tally.updated + p_tally.cancelled > 0;
  v_untouched uuid[];
begin
  if p_others then
    update public.calendar_integrations i set last_import_at = v_now where i.id = p_connection.id;
  end if;
  if p_tally.own > 0 then
    -- Ours, and taken for a foreign event before its link knew it.
    delete from public.external_events e using private.import_staging s
    where s.run_id = p_run.id and s.action = 'own' and e.organisation_id = p_run.organisation_id
      and e.external_calendar_id = p_run.calendar_id and e.external_event_id = s.event_id;
  end if;
  if v_known_changed then
    v_untouched := private.untouched_appointments(p_run);
    perform private.follow_events(p_run, v_untouched);
    perform private.ask_about_edited(p_run, v_untouched);
  end if;
  if p_tally.created + p_tally.updated > 0 then
    perform private.store_foreign(p_run, p_connection);
  end if;
  if v_known_changed then
    update public.external_events e set
      status = 'cancelled', etag = coalesce(nullif(s.etag, ''), e.etag),
      own_response = coalesce(s.own_response, e.own_response), last_synced_at = v_now, updated_at = now()
    from private.import_staging s
    where s.run_id = p_run.id and s.action = 'cancel' and e.id = s.known_id;
    perform private.close_followed(p_run);
  end if;
  if p_connection.import_as = 'rdv' and p_others then
    perform private.book_events(array(
      select e.id from public.external_events e
      where e.integration_id = p_run.integration_id and e.external_calendar_id = p_run.calendar_id
        and e.status <> 'cancelled' and private.is_bookable(e) and e.became_rdv_at is null and e.detached_at is null
        and e.during && tstzrange(p_run.window_from, p_run.window_to)
    ));
  end if;
end
$$;
comment on function private.apply_foreign(private.import_runs, public.calendar_integrations, private.import_tally,
  boolean) is
  'Writes what was decided about events of others, and the appointments that are made of them. p_others: events of '
  'others are taken over, not only what is known of them kept.';

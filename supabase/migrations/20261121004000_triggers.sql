-- Triggers: what happens by itself when a row is written.

create trigger calendar_feeds_touch before update on public.calendar_feeds
  for each row execute function private.touch_updated_at();
create trigger calendar_integrations_touch before update on public.calendar_integrations
  for each row execute function private.touch_updated_at();
create trigger sync_conflicts_touch before update on public.sync_conflicts
  for each row execute function private.touch_updated_at();
create trigger sync_runs_remove_items after delete on public.sync_runs
  referencing old table as old_rows for each statement execute function private.remove_run_items();
create trigger sync_runs_touch before update on public.sync_runs
  for each row execute function private.touch_updated_at();

create trigger app_config_forget after update or delete on private.app_config
  for each row execute function private.forget_replaced_tokens();
create trigger sealing_canaries_forget after update or delete on private.sealing_canaries
  for each row execute function private.forget_replaced_tokens();

create trigger credentials_forget after update or delete on private.credentials
  for each row execute function private.forget_replaced_tokens();
create trigger oauth_states_forget after update or delete on private.oauth_states
  for each row execute function private.forget_replaced_tokens();
create trigger pending_grants_forget after update or delete on private.pending_grants
  for each row execute function private.forget_replaced_tokens();

-- A statement with `on conflict do update` calls both.
create trigger sync_outbox_note_inserted after insert on private.sync_outbox
  referencing new table as new_rows for each statement execute function private.note_dirty_lanes();
create trigger sync_outbox_note_updated after update on private.sync_outbox
  referencing new table as new_rows for each statement execute function private.note_dirty_lanes();
create trigger sync_lanes_know before insert on private.sync_lanes
  for each row execute function private.know_lane();
create trigger calendar_integrations_reach
  after update of status, disconnected_at, removing_events_since, export_enabled, calendar_target_id
  on public.calendar_integrations
  for each row when (
    (old.status, old.disconnected_at, old.removing_events_since, old.export_enabled, old.calendar_target_id)
      is distinct from
        (new.status, new.disconnected_at, new.removing_events_since, new.export_enabled, new.calendar_target_id)
  )
  execute function private.reach_lane();
create trigger calendar_cursors_know before insert on private.calendar_cursors
  for each row execute function private.know_cursor();

create trigger external_events_touch before update on public.external_events
  for each row execute function private.touch_updated_at();
create trigger external_events_keep_before after update on public.external_events
  referencing old table as old_rows for each statement
  execute function
    private.keep_before('external_events', 'start_at', 'end_at', 'all_day', 'start_day', 'end_day', 'status');
create trigger external_events_forget_before after delete on public.external_events
  referencing old table as old_rows for each statement execute function private.keep_before('external_events');

-- Not for columns that workers update: the trigger locks cursors, and two workers could deadlock.
create trigger calendar_integrations_follow
  after insert or update of
    account_id, status, disconnected_at, removing_events_since, export_enabled, calendar_target_id,
    import_enabled, calendar_source_id, import_range_default, import_as, two_way, event_detail
  on public.calendar_integrations
  for each row execute function private.follow_calendars();

create trigger sync_conflicts_limit before insert or update on public.sync_conflicts
  for each row execute function private.limit_conflict();
create trigger link_states_keep_erased before update on private.link_states
  for each row
    when (old.erase_since is not null or (new.state in ('gone', 'detached') and (new.patient_id is not null
      or new.erase_since is not null)))
  execute function private.keep_erased();
create trigger link_states_forget_sent before update on private.link_states
  for each row
    when (new.sent <> '{}' and (new.state in ('live', 'gone', 'detached') or new.erase_since is not null))
  execute function private.forget_sent();
create trigger external_events_withhold before insert or update on public.external_events
  for each row when (
    (new.visibility = 'private' or new.status = 'cancelled' or new.erased_at is not null)
    and (num_nonnulls(new.summary, new.description, new.location, new.html_link) > 0 or new.attendees <> '[]'::jsonb)
  )
  execute function private.withhold_event_text();
create trigger import_runs_drop_staging after delete on private.import_runs
  for each row execute function private.drop_staging();
create trigger calendar_integrations_left_calendar after update of calendar_source_id on public.calendar_integrations
  for each row
    when (old.calendar_source_id is not null and old.calendar_source_id is distinct from new.calendar_source_id)
  execute function private.close_left_calendar();
create trigger appointment_external_links_former before update of external_event_id
  on public.appointment_external_links
  for each row
    when (old.external_event_id is distinct from new.external_event_id)
  execute function private.keep_former();
create trigger appointment_external_links_leave before delete on public.appointment_external_links
  for each row when (old.external_event_id is not null) execute function private.leave_event();
create trigger calendar_integrations_found after insert on public.calendar_integrations
  for each row when (new.disconnected_at is null) execute function private.find_left_events();
create trigger calendar_integrations_returned
  after update of disconnected_at, account_id on public.calendar_integrations
  for each row when (
    new.disconnected_at is null and (old.disconnected_at is not null or old.account_id is distinct from new.account_id)
  )
  execute function private.find_left_events();
create trigger grant_revocations_forget after update or delete on private.grant_revocations
  for each row execute function private.forget_replaced_tokens();
create trigger calendar_integrations_revoke before delete on public.calendar_integrations
  for each row execute function private.revoke_deleted();

create trigger sync_conflicts_forget_decisions after update of resolution on public.sync_conflicts
  for each row when (new.resolution in ('vanished', 'erased', 'disconnected', 'calendar_changed'))
  execute function private.forget_decisions();
create trigger calendar_integrations_forget_decisions
  after update of disconnected_at, removing_events_since, account_id, calendar_source_id, calendar_target_id, scope
  on public.calendar_integrations
  for each row when (
    (old.disconnected_at, old.removing_events_since, old.account_id, old.calendar_source_id, old.calendar_target_id,
      old.scope)
      is distinct from
        (new.disconnected_at, new.removing_events_since, new.account_id, new.calendar_source_id,
          new.calendar_target_id, new.scope)
  )
  execute function private.forget_decisions();
create trigger external_events_forget_decisions after update of visibility on public.external_events
  for each row when (old.visibility is distinct from new.visibility) execute function private.forget_decisions();

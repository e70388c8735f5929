-- What the planner says of other practices. PostgREST answers `Prefer: count=planned` with the planner's estimate,
-- which is made of statistics of the whole table: whether a name is among the most common ones of all practices would
-- show in it. The planner keeps no statistics of what people write; nothing of ours searches by it across practices.
alter table public.external_events
  alter column summary set statistics 0, alter column description set statistics 0,
  alter column location set statistics 0, alter column attendees set statistics 0;
alter table public.calendar_integrations
  alter column account_id set statistics 0, alter column account_email set statistics 0,
  alter column calendar_target_name set statistics 0, alter column calendar_source_name set statistics 0;
alter table public.sync_conflicts alter column payload set statistics 0;

-- How full the pages of busy tables are made, and when they are vacuumed.
--
-- Room on a page is for the next versions of its rows: where no indexed column changes, no index is written to (HOT),
-- and what is dead on the page is cleaned away in passing. The rest is left to the vacuum, which by default begins at a
-- fifth of a table: of a queue that a backlog once made large, or of a journal of years, far too late. It comes at most
-- once a minute, whatever the share.

-- A row for each connection or calendar, written several times for each reading and each lane.
alter table private.calendar_cursors set (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02);
alter table private.sync_lanes set (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02);
alter table private.account_budgets set (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02);
alter table private.project_budgets set (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02);
alter table private.worker_places set (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02);
alter table private.practice_shares set (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02);
alter table private.watch_channels set (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02);
alter table private.credentials set (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02);
alter table public.calendar_integrations set (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02);

-- Queues: rows come and go, and how many there were an hour ago says nothing.
alter table private.sync_outbox set (autovacuum_vacuum_scale_factor = 0.02);
alter table private.lane_notices set (autovacuum_vacuum_scale_factor = 0.02);
alter table private.calendar_notices set (autovacuum_vacuum_scale_factor = 0.02);
alter table private.import_runs set (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02);
alter table private.staged_runs set (autovacuum_vacuum_scale_factor = 0.02);
alter table private.import_staging set (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02);

-- A row for each appointment, event, question or run: they grow with the years, and only the newest are written to.
alter table public.appointment_external_links set (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02);
alter table private.link_states set (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02);
alter table public.external_events set (autovacuum_vacuum_scale_factor = 0.02);
alter table public.sync_conflicts set (autovacuum_vacuum_scale_factor = 0.02);
alter table public.sync_runs set (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02);

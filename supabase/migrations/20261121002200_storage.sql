-- How full the pages of busy tables are made, and after how many dead rows they are vacuumed.
--
-- Room on a page is for the next versions of its rows: where no indexed column changes, no index is written to (HOT), and
-- the page is cleaned in passing by whoever reads it next. What is left is the vacuum's, which by default begins at a
-- fifth of a table: of a queue that a backlog has made large, or of a journal of years, far too late.

-- A row for each connection or calendar, written several times for each reading and each lane.
alter table private.calendar_cursors set (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02);
alter table private.sync_lanes set (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02);
alter table private.account_budgets set (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02);
alter table private.watch_channels set (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02);
alter table private.credentials set (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02);
alter table public.calendar_integrations set (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02);

-- Queues: rows come and go, and what the table held an hour ago says nothing.
alter table private.sync_outbox set (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);
alter table private.lane_notices set (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);
alter table private.calendar_notices set (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);
alter table private.import_runs
  set (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);
alter table private.staged_runs set (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);
-- A first reading stages thousands at once, and writes each twice.
alter table private.import_staging
  set (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 10000);

-- A row for each appointment, event or run: they grow with the years, and only the newest are written to.
alter table public.appointment_external_links set (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02);
alter table private.link_states set (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02);
alter table public.external_events set (autovacuum_vacuum_scale_factor = 0.02);
alter table public.sync_runs set (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02);
alter table public.sync_conflicts set (autovacuum_vacuum_scale_factor = 0.02);

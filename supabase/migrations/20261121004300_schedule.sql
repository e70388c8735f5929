-- What pg_cron runs.
select cron.schedule('cassius-sweep', '* * * * *', 'select private.sweep()');
select cron.schedule('cassius-keep-house', '17 3 * * *', 'select private.keep_house()');
select cron.schedule('cassius-import-sweep', '* * * * *', 'select private.import_sweep()');
select cron.schedule('cassius-keep-import-house', '37 3 * * *', 'select private.keep_import_house()');

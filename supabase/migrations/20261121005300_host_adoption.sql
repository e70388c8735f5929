-- The sync hears of Cassius's own tables, as of those of any practice app.
select private.adopt_table('organisations', 'public.organisations');
select private.adopt_table('organisation_members', 'public.organisation_members');
select private.adopt_table('patients', 'public.patients');
select private.adopt_table('rdv', 'public.rdv');

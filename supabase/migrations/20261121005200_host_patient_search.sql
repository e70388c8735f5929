-- Searching patients by name while a person types, whatever the size of the practice and of the others.

create extension if not exists btree_gin with schema extensions;
create extension if not exists pg_trgm with schema extensions;

alter table public.patients add column search_name text not null default '';
comment on column public.patients.search_name is
  'The name as it is searched, kept by a trigger: without accents and case, a blank before each word.';
create trigger patients_search_name before insert or update on public.patients
  for each row execute function private.keep_search_name();
-- One index for the practice and the words: other practices cost nothing. It holds pieces of three letters: the keys of
-- such an index outlive its rows, and a name that was erased must not be among them.
create index patients_search on public.patients using gin (organisation_id, search_name extensions.gin_trgm_ops);
-- As for all that people write: the planner's estimate must tell nothing of other practices.
alter table public.patients alter column birth_date set statistics 0, alter column search_name set statistics 0;

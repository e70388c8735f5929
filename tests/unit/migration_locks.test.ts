import { describe, expect, test } from 'vitest';
import { allLockProblems, lockProblems } from '../../scripts/migration_locks.ts';

const OLD = new Set(['public.rdv', 'private.sync_outbox']);
const problems = (migration: string) => lockProblems(`set lock_timeout = '5s';\n${migration}`, OLD);

describe('a migration of a table with rows', () => {
  test.each([
    ['create index rdv_type on public.rdv (type);', 'builds an index'],
    ['create unique index rdv_type on public.rdv (type);', 'builds an index'],
    ['alter table public.rdv add constraint short check (length(type) < 9);', 'reads every row'],
    ['alter table public.rdv add foreign key (room_id) references public.rooms (id);', 'reads every row'],
    ['alter table public.rdv add constraint once unique (type);', 'builds an index under its lock'],
    ['alter table public.rdv add column room uuid references public.rooms (id);', 'reads or writes every row'],
    ['alter table public.rdv add column n bigint generated always as identity;', 'reads or writes every row'],
    ['alter table public.rdv add column mark uuid not null default gen_random_uuid();', 'writes every row'],
    ['alter table public.rdv alter column type type varchar(20);', 'writes the table anew'],
    ['alter table public.rdv alter column type set not null;', 'reads every row'],
    ['alter table public.rdv drop column act;', 'takes away'],
    ['alter table public.rdv drop act;', 'takes away'],
    ['drop table private.sync_outbox;', 'takes away'],
    ['drop function public.sync_status(uuid);', 'the release before may call it'],
    ['alter table public.rdv rename column type to kind;', 'takes away a name'],
    ["update public.rdv set type = 'x';", 'keeps every row'],
    ['truncate private.sync_outbox;', 'locks the whole table'],
  ])('%s', (statement, problem) => {
    expect(problems(statement).join('\n')).toContain(problem);
    expect(problems(`-- knowingly: a handful of rows\n${statement}`)).toEqual([]);
  });

  test('waits for its lock only so long', () => {
    const add = 'alter table public.rdv add column colour text;';
    expect(lockProblems(add, OLD).join('\n')).toContain('set lock_timeout first');
    expect(problems(add)).toEqual([]);
  });

  test.each([
    'alter table public.rdv add column since timestamptz not null default now(), add column colour text;',
    'create index if not exists rdv_type on public.rdv (type);',
    'alter table public.rdv add constraint short check (length(type) < 9) not valid;',
    'alter table public.rdv validate constraint short;',
    'alter table public.rdv drop constraint short, alter column type drop not null;',
    'alter table public.rdv add constraint once unique using index rdv_once;',
    "comment on column public.rdv.type is 'update public.rdv set type; drop table public.rdv';",
    'create or replace function private.f() returns void language sql as $$ update public.rdv set type = 1; $$;',
    'create table public.rooms (id uuid primary key); create index rooms_name on public.rooms (name);',
    '-- drop table public.rdv;',
  ])('may: %s', (statement) => {
    expect(problems(statement)).toEqual([]);
  });
});

test('what was released is judged no more, and its tables are the old ones', async () => {
  const directory = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${directory}/1_tables.sql`, 'create table public.rdv (id uuid);\ntruncate public.rdv;');
    await Deno.writeTextFile(`${directory}/2_more.sql`, 'create index i on public.rdv (id);');
    expect(await allLockProblems(directory, '1')).toEqual([expect.stringMatching(/^2_more\.sql: create index i/)]);
    expect(await allLockProblems(directory, '')).toEqual([]);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});

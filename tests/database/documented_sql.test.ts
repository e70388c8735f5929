/** What the documents tell an engineer to type into the database works as it is written. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newPerson, type TestDatabase, testDatabase } from './database.ts';

const DOCS = new URL('../../docs/', import.meta.url);
const NOBODY = '00000000-0000-0000-0000-000000000000';

/** Statements that are not executed here, and why. */
const NOT_HERE: ReadonlyArray<readonly [statement: RegExp, why: string]> = [
  [/where …|id = …|configure\(…\)/, 'leaves more open than an id'],
  [/accept_new_key/, 'gives a key up, which only a lost one allows: sealing_key.test.ts'],
];

/** Statements of a page's blocks and of its sentences. */
function statementsOf(page: string): string[] {
  const blocks = [...page.matchAll(/```sql\n([\s\S]*?)```/g)].map(([, block]) => block!);
  const sentences = [...page.replaceAll(/```[\s\S]*?```/g, '').matchAll(/`((?:select|update|delete)\s[^`]*)`/g)]
    .map(([, statement]) => statement!);
  return [...blocks, ...sentences]
    .flatMap((text) => text.replace(/--.*$/gm, '').split(';'))
    .map((statement) => statement.replace(/\s+/g, ' ').trim())
    .filter((statement) => statement !== '' && !NOT_HERE.some(([pattern]) => pattern.test(statement)));
}

/** Its statements are about the practice app of the page: adoption.test.ts runs them in one. */
const ADOPTION = 'adopt.md';
const pages = [...Deno.readDirSync(DOCS)].filter(({ name }) => name.endsWith('.md') && name !== ADOPTION)
  .map(({ name }) => ({ name, statements: [...new Set(statementsOf(Deno.readTextFileSync(new URL(name, DOCS))))] }))
  .filter(({ statements }) => statements.length > 0);

let db: TestDatabase;
let practice: string;
beforeAll(async () => {
  db = await testDatabase();
  practice = (await newPerson(db)).organisation;
});
afterAll(() => db?.stop());

test('the pages have their statements found', () => {
  const found = Object.fromEntries(pages.map(({ name, statements }) => [name, statements.length]));
  expect(found['operations.md']).toBeGreaterThan(20);
  expect(found['backup.md']).toBeGreaterThan(10);
  expect(found['deploy.md']).toBeGreaterThan(2);
});

describe.each(pages)('docs/$name', ({ statements }) => {
  test.each(statements)('%s', async (statement) => {
    const undone = new Error('undone');
    await expect(db.owner.begin(async (sql) => {
      await sql.unsafe(statement.replaceAll(`'…'`, `'${NOBODY}'`).replaceAll(/<[^'>]*>/g, practice));
      throw undone;
    })).rejects.toBe(undone);
  });
});

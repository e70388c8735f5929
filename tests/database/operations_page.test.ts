/** What docs/operations.md tells an engineer to type works as it is written. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newPerson, type TestDatabase, testDatabase } from './database.ts';

const page = await Deno.readTextFile(new URL('../../docs/operations.md', import.meta.url));
const NOBODY = '00000000-0000-0000-0000-000000000000';

/** Statements of the page's blocks and of its sentences, with a person's id where the page leaves it open. */
const blocks = [...page.matchAll(/```sql\n([\s\S]*?)```/g)].map(([, block]) => block!);
const sentences = [...page.matchAll(/`((?:select|update|delete)\s[^`]*;)`/g)].map(([, statement]) => statement!);
const statements = [...blocks, ...sentences]
  .flatMap((text) => text.replace(/--.*$/gm, '').split(';'))
  .map((statement) => statement.replace(/\s+/g, ' ').trim())
  // Those that leave more open than an id; and a key is given up only where it is lost (sealing_key.test.ts).
  .filter((statement) => statement !== '' && !/where …|configure\(…\)|id = …|accept_new_key/.test(statement))
  .map((statement) => statement.replaceAll(`'…'`, `'${NOBODY}'`));

let db: TestDatabase;
let practice: string;
beforeAll(async () => {
  db = await testDatabase();
  practice = (await newPerson(db)).organisation;
});
afterAll(() => db?.stop());

describe('the page on operations', () => {
  test('has its statements found', () => {
    expect(statements.length).toBeGreaterThan(20);
  });

  test.each([...new Set(statements)])('%s', async (statement) => {
    const undone = new Error('undone');
    await expect(db.owner.begin(async (sql) => {
      await sql.unsafe(statement.replaceAll(/<[^']*>/g, practice));
      throw undone;
    })).rejects.toBe(undone);
  });
});

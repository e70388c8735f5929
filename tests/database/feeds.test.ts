/** Subscription addresses: whose they are, who sees and ends them, and what ends them by itself. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { newPerson, type TestDatabase, testDatabase, type TestPerson } from './database.ts';

let db: TestDatabase;
let claire: TestPerson;
/** Administers the practice. */
let colleague: TestPerson;
let stranger: TestPerson;
beforeAll(async () => {
  db = await testDatabase();
  claire = await newPerson(db);
  colleague = await newPerson(db, { organisation: claire.organisation, role: 'admin' });
  stranger = await newPerson(db, { role: 'admin' });
}, 60_000);
afterAll(() => db?.stop());
beforeEach(() => db.admin`delete from public.calendar_feeds where true`);

const make = async (person: TestPerson, detail = 'full', organisation = person.organisation) =>
  await db.asUser(
    person.user,
    async (sql) => (await sql`select public.make_feed(${organisation}, ${detail}) as secret`)[0]!.secret as string,
  );
const hashOf = async (secret: string) =>
  (await db.admin`select encode(sha256(convert_to(${secret}, 'UTF8')), 'hex') as hash`)[0]!.hash as string;
const read = async (secret: string) =>
  await db.call<{ eventDetail: string } | null>('read_feed', { p_secret_hash: await hashOf(secret) });

describe('a subscription address', () => {
  test('is one for each member: a new one ends the one before', async () => {
    const first = await make(claire, 'full');
    const second = await make(claire, 'busy');
    expect(first).toMatch(/^[0-9a-f]{64}$/);
    expect(await read(first)).toBeNull();
    expect(await read(second)).toMatchObject({ eventDetail: 'busy' });
    expect(await db.admin`select from public.calendar_feeds`).toHaveLength(1);
  });

  test('is seen, changed and ended by its own person alone, and its hash by no person', async () => {
    const secret = await make(claire);
    for (const person of [colleague, stranger]) {
      await db.asUser(person.user, async (sql) => {
        expect(await sql`select member_id from public.calendar_feeds`).toEqual([]);
        expect(await sql`update public.calendar_feeds set event_detail = 'busy' returning member_id`).toEqual([]);
        expect(await sql`delete from public.calendar_feeds returning member_id`).toEqual([]);
      });
    }
    await expect(db.asUser(claire.user, (sql) => sql`select secret_hash from public.calendar_feeds`))
      .rejects.toMatchObject({ code: '42501' });
    await expect(db.asUser(claire.user, (sql) => sql`update public.calendar_feeds set member_id = ${colleague.member}`))
      .rejects.toMatchObject({ code: '42501' });
    await db.asUser(claire.user, (sql) => sql`update public.calendar_feeds set event_detail = 'initials'`);
    expect(await read(secret)).toMatchObject({ eventDetail: 'initials' });
    await db.asUser(claire.user, (sql) => sql`delete from public.calendar_feeds`);
    expect(await read(secret)).toBeNull();
  });

  test('is made in one’s own practice only', async () => {
    await expect(make(claire, 'full', stranger.organisation)).rejects.toMatchObject({ code: '42501' });
    expect(await db.admin`select from public.calendar_feeds`).toEqual([]);
  });

  test.each(
    [
      [
        'the membership',
        (person: TestPerson) => db.admin`delete from public.organisation_members where id = ${person.member}`,
      ],
      ['the login', (person: TestPerson) => db.admin`delete from auth.users where id = ${person.user}`],
      [
        'the practice',
        (person: TestPerson) => db.admin`delete from public.organisations where id = ${person.organisation}`,
      ],
    ] as const,
  )('ends with %s', async (_what, remove) => {
    const leaver = await newPerson(db);
    await newPerson(db, { organisation: leaver.organisation, role: 'admin' });
    const secret = await make(leaver);
    expect(await read(secret)).not.toBeNull();
    await remove(leaver);
    expect(await read(secret)).toBeNull();
    expect(await db.admin`select from public.calendar_feeds`).toEqual([]);
  });

  test('shows nothing while its person is not the member any more', async () => {
    const secret = await make(claire);
    await db.admin`update public.organisation_members set user_id = null where id = ${claire.member}`;
    expect(await read(secret)).toBeNull();
    await db.admin`update public.organisation_members set user_id = ${claire.user} where id = ${claire.member}`;
    expect(await read(secret)).not.toBeNull();
  });
});

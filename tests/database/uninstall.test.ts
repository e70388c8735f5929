/** The sync leaves a practice app that adopted it: events first, and nothing of it stays. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bringUpToDate } from '../../local/database.ts';
import { schemaSnapshot } from '../../scripts/schema_snapshot.ts';
import { dropSync, removeEvents } from '../../scripts/uninstall.ts';
import { adoptedProject } from './adopted/adopted.ts';
import { CLAIRE, connect, DENTIST, PORT, pushAll, VISIT } from './adopted/clinic.ts';
import { type TestDatabase, testDatabase } from './database.ts';

let db: TestDatabase;
let before: string;

const snapshot = () => schemaSnapshot(db.owner, ['public', 'private', 'clinic']);

beforeAll(async () => {
  const directory = await adoptedProject();
  try {
    // The app as it was without the sync.
    db = await testDatabase({ directory, before: '20260101000001' });
    before = await snapshot();
    await bringUpToDate(db.dbUrl, { mayBeForeign: false, directory });
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}, 60_000);
afterAll(() => db?.stop());

test('the sync is removed without a trace, once no event of it is left', async () => {
  expect(before).toContain('table clinic.visits');
  expect(await snapshot()).not.toBe(before);
  const integration = await connect(db);
  await pushAll(db, integration);

  expect(await removeEvents(db.owner)).toMatchObject({ removing: 1, unreachable: 0 });
  await pushAll(db, integration, true);
  await db.call('integration_finish_removal', { p_integration: integration });
  await db.admin`delete from private.grant_revocations`; // the functions have given them back
  expect(await removeEvents(db.owner)).toEqual({ removing: 0, unreachable: 0, grants: 0 });

  const extensions = await dropSync(db.dbUrl);
  expect(extensions).toContain('pg_cron');
  expect(await snapshot()).toBe(before);
  expect(await db.admin`select jobname from cron.job`).toEqual([]);
  expect(await db.admin`select id from vault.secrets`).toEqual([]);
  expect(await db.admin`select name from pgsodium.key where name like 'cassius%'`).toEqual([]);
  expect(await db.admin`select version from supabase_migrations.schema_migrations order by 1`)
    .toEqual([{ version: '20260101000000' }, { version: '20261121005500' }]);

  // The app goes on as before.
  expect(await db.admin`select visit from clinic.visits`).toEqual([{ visit: VISIT }]);
  await db.asUser(
    CLAIRE,
    (sql) => sql`insert into clinic.visits (practice, dentist, begins) values (${PORT}, ${DENTIST}, now())`,
  );
  await db.asUser(CLAIRE, (sql) => sql`delete from clinic.visits where visit <> ${VISIT}`);
});

test('it can be adopted again, and does not leave while the app needs something of it', async () => {
  const directory = await adoptedProject();
  try {
    await db.owner`delete from supabase_migrations.schema_migrations where version = '20261121005500'`;
    await bringUpToDate(db.dbUrl, { mayBeForeign: false, directory });
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
  await db.owner`create view clinic.synced as select l.rdv_id from public.appointment_external_links l`;
  await expect(dropSync(db.dbUrl)).rejects.toThrow('other objects depend on them');
  expect(await db.admin`select from public.rdv`).toHaveLength(1);
  await db.owner`drop view clinic.synced`;
  await dropSync(db.dbUrl);
  expect(await snapshot()).toBe(before);
});

test('tokens that Vault sealed go with the sync', async () => {
  const directory = await adoptedProject();
  const other = await testDatabase({ pgsodium: false, directory }).finally(() =>
    Deno.remove(directory, { recursive: true })
  );
  try {
    await connect(other);
    const secrets = () => other.admin`select id from vault.secrets`;
    expect(await secrets()).not.toEqual([]);
    await dropSync(other.dbUrl);
    expect(await secrets()).toEqual([]);
  } finally {
    await other.stop();
  }
});

test('a database whose appointments are Cassius’s own is left alone', async () => {
  const own = await testDatabase();
  try {
    await expect(dropSync(own.dbUrl)).rejects.toThrow('Delete the project instead');
    expect(await own.admin`select to_regclass('public.calendar_integrations') is not null as there`)
      .toEqual([{ there: true }]);
  } finally {
    await own.stop();
  }
});

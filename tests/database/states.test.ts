/** docs/states.md and the database say the same. */
import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LINK_STATES, QUEUE_REQUESTS } from '../../supabase/functions/_shared/vocabulary.ts';
import { namesIn, statesPage, tableUnder } from '../states_page.ts';
import { type TestDatabase, testDatabase } from './database.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await testDatabase();
}, 60_000);
afterAll(() => db?.stop());

const MACHINES = ['Link', 'Queue row', 'Lane', 'Cursor', 'Run', 'Conflict', 'Connection'];
const statesUnder = (heading: string): string[] => {
  const cells = tableUnder(heading).flatMap(({ from, to }) => [...namesIn(from!), ...namesIn(to!)]);
  return [...new Set(cells)].filter((name) => name !== 'any').sort();
};
const labels = async (type: string): Promise<string[]> =>
  (await db.admin`select unnest(enum_range(null::private.link_state))::text as label where ${type} = 'link_state'
    union all select unnest(enum_range(null::private.queue_request))::text where ${type} = 'queue_request'`)
    .map(({ label }) => label);

describe('the page of states', () => {
  test('has every state of a link, and no other', async () => {
    expect(await labels('link_state')).toEqual([...LINK_STATES]);
    expect(statesUnder('Link')).toEqual([...LINK_STATES].sort());
  });

  test('names the reasons for which an appointment is queued', async () => {
    expect(await labels('queue_request')).toEqual([...QUEUE_REQUESTS]);
    for (const request of QUEUE_REQUESTS) expect(statesPage()).toContain(`\`${request}\``);
  });

  test('has every status of a connection', async () => {
    const [check] = await db.admin`select pg_get_constraintdef(oid) as text from pg_constraint
      where conrelid = 'public.calendar_integrations'::regclass and conname like '%status%'`;
    const statuses = [...String(check!.text).matchAll(/'(\w+)'/g)].map(([, status]) => status);
    expect(statuses).not.toEqual([]);
    expect(statesUnder('Connection')).toEqual(expect.arrayContaining(statuses));
  });

  test.each(MACHINES)('names functions that exist: %s', async (heading) => {
    const rows = await db.admin`select p.proname from pg_proc p join pg_namespace n on n.oid = p.pronamespace
      where n.nspname in ('public', 'private')`;
    const known = new Set(rows.map(({ proname }) => proname));
    const named = tableUnder(heading).flatMap(({ where }) => namesIn(where!));
    expect(named.filter((name) => !known.has(name))).toEqual([]);
  });

  test('names files that exist', () => {
    const files = [...statesPage().matchAll(/`([\w/]+\.ts)`/g)].map(([, name]) => name!);
    const exists = (name: string) =>
      ['', 'supabase/functions/_shared/'].some((folder) =>
        existsSync(new URL(`../../${folder}${name}`, import.meta.url))
      );
    expect(files.filter((name) => !exists(name))).toEqual([]);
  });
});

test('what a row without an event says of it cannot be stored', async () => {
  await expect(db.admin`insert into private.link_states (link_id, integration_id, state)
    values (gen_random_uuid(), gen_random_uuid(), 'absent')`)
    .rejects.toThrow('link_states_state_check');
});

test('people see one word of a link, and the trouble before all', async () => {
  const rows = await db
    .admin`select s.state::text, queued, troubled, private.sync_status(s.state, queued, troubled) as status
    from unnest(enum_range(null::private.link_state)) as s (state), unnest(array[true, false]) queued,
      unnest(array[true, false]) troubled`;
  for (const { state, queued, troubled, status } of rows) {
    const there = state === 'live' || state === 'updating' ? 'synced' : 'none';
    expect(status).toBe(troubled ? 'error' : queued ? 'pending' : there);
  }
});

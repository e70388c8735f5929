/** The whole stack on a practice app's own tables (docs/adopt.md): the functions are as everywhere, the names are not. */
import postgres from 'postgres';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { freePortBase } from '../../local/ports.ts';
import { type Stack, startStack } from '../../local/stack.ts';
import { adoptedProject } from '../database/adopted/adopted.ts';
import { DENTIST, JEANNE, PORT } from '../database/adopted/clinic.ts';
import { until } from '../local/bare_database.ts';
import { REQUEST_PAUSE_MS } from '../patience.ts';
import { tellFailures } from '../tell_failures.ts';
import { emulatorOf } from './emulator.ts';
import { forgetConnections } from './forget_connections.ts';
import { day, timed } from './moments.ts';
import { Person } from './person.ts';
import { STAGES } from './stages.ts';

let stack: Stack;
let sql: postgres.Sql;
let claire: Person;

beforeAll(async () => {
  const directory = await adoptedProject();
  try {
    stack = await startStack({
      portBase: freePortBase(),
      web: false,
      quiet: true,
      requestPauseMs: REQUEST_PAUSE_MS,
      scheduled: false,
      directory,
    });
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
  sql = postgres(stack.adminDbUrl, { max: 2, onnotice: () => {} });
  claire = await Person.signIn(stack, 'claire@cabinet-lumiere.test');
});
tellFailures(() => stack && { stack });
afterAll(async () => {
  await sql?.end();
  await stack?.stop();
});

/** Nothing waits to be sent, and no worker is at it. */
const sent = () =>
  until(async () => {
    const [row] = await sql`select not exists (select from private.sync_outbox)
      and not exists (select from private.sync_lanes l where l.lease_until > private.clock()) as done`;
    return row!.done;
  }, 'everything is sent');

/** Booked in the app, by its own words. */
const book = async (starts: string, ends: string): Promise<string> => {
  const [visit] = await sql`insert into clinic.visits (practice, dentist, person, "Kind", begins, finishes)
    values (${PORT}, ${DENTIST}, ${JEANNE}, 'Contrôle', ${starts}, ${ends}) returning visit`;
  await sent();
  return visit!.visit;
};

describe.each(STAGES)('%s', (name, stage) => {
  const account = stage.claire;
  const emulator = () => emulatorOf(stack, name);
  let person: Person;

  beforeEach(async () => {
    await sent();
    await forgetConnections(sql);
    await sql`delete from clinic.visits`;
    await sql`delete from private.sync_outbox`;
    await emulator().control('reset', {});
    person = claire.at(name);
  });

  const connect = async (settings: object = {}) => {
    expect(await person.connect(account.email)).toMatchObject({ result: { result: 'connected' } });
    if (Object.keys(settings).length > 0) {
      expect(await person.use('connect/settings', { method: 'PATCH', body: settings })).toMatchObject({ status: 200 });
    }
  };

  const shown = async () => {
    await sent();
    return (await stage.person.agenda(emulator(), account.email, account.calendar)).filter(({ live }) => live);
  };

  const importNow = async () => {
    const answer = await person.use('import/import', {
      body: { calendarId: account.calendar, timeMin: day(0, 0), timeMax: day(7, 0), mode: 'import' },
    });
    expect(answer).toMatchObject({ status: 200, body: { remaining: false, failed: 0 } });
    return answer.body;
  };

  test('what the app books, moves, renames and deletes is so in the calendar', async () => {
    await connect();
    const visit = await book(day(2, 9), day(2, 10));
    expect(await shown()).toMatchObject([{ title: 'Contrôle — Jeanne Roux' }]);
    await sql`update clinic.visits set begins = ${day(3, 14)}, finishes = ${day(3, 15)} where visit = ${visit}`;
    const [moved] = await shown();
    expect(new Date(moved!.start).toISOString()).toBe(new Date(day(3, 14)).toISOString());
    await sql`update clinic.people set given = 'Jeannette' where person = ${JEANNE}`;
    expect(await shown()).toMatchObject([{ title: 'Contrôle — Jeannette Roux' }]);
    await sql`update clinic.people set given = 'Jeanne' where person = ${JEANNE}`;
    await sql`delete from clinic.visits where visit = ${visit}`;
    expect(await shown()).toEqual([]);
  });

  test('what a person moves and deletes in the calendar is so in the app', async () => {
    await connect({ two_way: 'auto' });
    const visit = await book(day(2, 9), day(2, 10));
    const [event] = await shown();
    const place = { calendar: account.calendar, id: event!.id };
    await stage.person.edit(emulator(), account.email, place, timed(2, 16, 17));
    await importNow();
    expect(await sql`select begins, finishes, state from clinic.visits where visit = ${visit}`)
      .toEqual([{ begins: new Date(day(2, 16)), finishes: new Date(day(2, 17)), state: 'scheduled' }]);
    await stage.person.remove(emulator(), account.email, place);
    await importNow();
    expect(await sql`select state from clinic.visits where visit = ${visit}`).toEqual([{ state: 'cancelled' }]);
  });

  test('an event of a person’s own becomes a visit, once, and follows its event', async () => {
    await connect({ import_as: 'rdv' });
    const { id } = await stage.person.add(emulator(), account.email, account.calendar, {
      title: 'Madame Blanc',
      ...timed(4, 9, 10),
    });
    expect(await importNow()).toMatchObject({ created: 1 });
    const visits = () => sql`select practice, dentist, "Kind", begins, made_by from clinic.visits`;
    const booked = { practice: PORT, dentist: DENTIST, Kind: 'Madame Blanc', made_by: name };
    expect(await visits()).toEqual([{ ...booked, begins: new Date(day(4, 9)) }]);
    await stage.person.edit(emulator(), account.email, { calendar: account.calendar, id }, timed(4, 11, 12));
    expect(await importNow()).toMatchObject({ created: 0, updated: 1 });
    expect(await visits()).toEqual([{ ...booked, begins: new Date(day(4, 11)) }]);
  });

  test('an overlap is asked about, and the answer is carried out in the app', async () => {
    await connect();
    const visit = await book(day(5, 9), day(5, 10));
    await stage.person.add(emulator(), account.email, account.calendar, { title: 'École', ...timed(5, 9, 11) });
    expect(await importNow()).toMatchObject({ created: 1 });
    const [question] = await sql`select id, reason from public.sync_conflicts where status = 'open'`;
    expect(question).toMatchObject({ reason: 'time_overlap' });
    expect(await person.use(`import/conflicts/${question!.id}/resolve`, { body: { action: 'keep_calendar' } }))
      .toMatchObject({ status: 200 });
    expect(await sql`select state from clinic.visits where visit = ${visit}`).toEqual([{ state: 'cancelled' }]);
    expect(await shown()).toMatchObject([{ title: 'École' }]);
  });
});

describe('leaving', () => {
  const uninstall = async (...more: string[]) => {
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ['run', '-A', 'scripts/uninstall.ts', '--db-url', stack.dbUrl, ...more],
    }).output();
    return { code, said: new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr) };
  };

  test('removes the events from every calendar, gives the grants back, and then drops the sync', async () => {
    await forgetConnections(sql);
    await sql`delete from clinic.visits`;
    for (const [name, stage] of STAGES) {
      await emulatorOf(stack, name).control('reset', {});
      await claire.at(name).connect(stage.claire.email);
    }
    await book(day(2, 9), day(2, 10));
    const events = async () => {
      const shown = STAGES.map(([name, stage]) =>
        stage.person.agenda(emulatorOf(stack, name), stage.claire.email, stage.claire.calendar)
      );
      return (await Promise.all(shown)).map((seen) => seen.filter(({ live }) => live).length);
    };
    expect(await events()).toEqual([1, 1]);

    expect(await uninstall('--yes')).toMatchObject({ code: 3, said: expect.stringContaining('2 events are being') });
    await until(async () => {
      await stack.runCron('cassius-sweep');
      const [row] = await sql`select not exists (select from private.grant_revocations)
        and not exists (select from public.calendar_integrations where disconnected_at is null) as done`;
      return row!.done;
    }, 'the events are removed and the grants given back');
    expect(await events()).toEqual([0, 0]);

    expect(await uninstall()).toMatchObject({ code: 3, said: expect.stringContaining('No event of ours is left') });
    expect(await uninstall('--yes')).toMatchObject({ code: 0, said: expect.stringContaining('The sync is gone') });
    expect(await sql`select count(*)::integer from clinic.visits`).toEqual([{ count: 1 }]);
    expect(await sql`select to_regclass('public.rdv') as view, to_regnamespace('private') as schema`)
      .toEqual([{ view: null, schema: null }]);
  });
});

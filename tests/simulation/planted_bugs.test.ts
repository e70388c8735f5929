/** The simulation is worth what it finds: each of these mistakes, planted beside the product, must come out. */
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import type { CalendarAccess } from '../../supabase/functions/_shared/providers/port/calendar.ts';
import {
  crowdedSchedule,
  hesitantSchedule,
  interruptedSchedule,
  repeatingSchedule,
  shortenedSchedule,
  takenBackSchedule,
  undoneSchedule,
  wanderingSchedule,
} from './actions.ts';
import { simulate, type Simulation, type SimulationOptions, startSimulation } from './simulate.ts';

const planted = vi.hoisted(() => ({ epochForgotten: false }));
vi.mock('../../supabase/functions/_shared/sync/shared/event_id.ts', async (original) => {
  const real = await original<typeof import('../../supabase/functions/_shared/sync/shared/event_id.ts')>();
  return {
    deriveEventId: (organisation: string, integration: string, rdv: string, epoch: number) =>
      real.deriveEventId(organisation, integration, rdv, planted.epochForgotten ? 0 : epoch),
  };
});

let simulation: Simulation;
let undo: Array<() => unknown> = [];
beforeAll(async () => {
  simulation = await startSimulation();
}, 120_000);
afterAll(() => simulation?.stop());
afterEach(async () => {
  for (const step of undo.reverse()) await step();
  undo = [];
});

/**
 * Puts other text in the place of every line that is marked `-- planted: <name>` in a function of the database, until the
 * end of the test. The mark is the whole promise: what else the line says may change.
 */
async function plant(name: string, line: string): Promise<void> {
  const { sql } = simulation.parts.database;
  const marked = new RegExp(`^.*-- planted: ${name}$`, 'gm');
  const functions = await sql`select pg_get_functiondef(p.oid) as text from pg_proc p
    join pg_namespace n on n.oid = p.pronamespace
    where n.nspname in ('public', 'private') and p.prosrc ~ ${`-- planted: ${name}\\M`}`;
  expect(functions, `functions with the mark ${name}`).not.toEqual([]);
  for (const { text } of functions) {
    await sql.unsafe(text.replace(marked, () => line));
    undo.push(() => sql.unsafe(text));
  }
}

async function found(options: Omit<SimulationOptions, 'seed'>): Promise<string> {
  const failure = await simulate(simulation, { seed: 1, anyWillDo: true, ...options }).then(
    () => null,
    (error: Error) => error.message,
  );
  return failure ?? 'Nothing was found';
}

/** An event that is said to be gone is looked for in no other calendar, and not by itself. */
function askNowhereElse(): void {
  const { provider } = simulation.parts;
  const adapter = provider.adapter;
  undo.push(() => provider.adapter = adapter);
  provider.adapter = (options) => {
    const real = adapter(options);
    const calendar: CalendarAccess = {
      ...real.calendar,
      locate: (_handle, refs) => Promise.resolve(refs.map(() => null)),
    };
    return { ...real, calendar };
  };
}

describe('the simulation catches', { timeout: 240_000 }, () => {
  test('a sync token that is stored before its page', async () => {
    const { provider, database: { sql } } = simulation.parts;
    const adapter = provider.adapter;
    undo.push(() => provider.adapter = adapter);
    provider.adapter = (options) => {
      const real = adapter(options);
      const calendar: CalendarAccess = {
        ...real.calendar,
        async pullChanges(handle, request) {
          const page = await real.calendar.pullChanges(handle, request);
          if ('cursor' in page.next) {
            await sql`update private.calendar_cursors c set sync_token = ${page.next.cursor},
                window_from = r.window_from, window_to = r.window_to, read_to = r.read_to
              from private.import_runs r
              where c.calendar_id = ${request.calendarId} and r.integration_id = c.integration_id
                and r.calendar_id = c.calendar_id`;
          }
          return page;
        },
      };
      return { ...real, calendar };
    };
    expect(await found({ schedules: 300 })).toMatch(/I9|I2|nobody is asked|and still/);
  });

  test('a move that is taken for a deletion', async () => {
    askNowhereElse();
    expect(await found({ schedules: 100, from: wanderingSchedule })).toMatch(/I1|by itself|nobody changed|not there/);
  });

  test('a move that the link does not follow', async () => {
    await plant('move_not_followed', '');
    expect(await found({ schedules: 200, from: wanderingSchedule })).toMatch(/I1|I2|and still|nobody is asked/);
  });

  test('a restored event that is not looked at', async () => {
    await plant('restored_unseen', 'from private.ended_links(v_run, v_read) x where false');
    expect(await found({ schedules: 400, from: undoneSchedule })).toMatch(/I1|I2/);
  });

  test('absence that is taken for deletion', async () => {
    await plant(
      'absent_is_deleted',
      `  insert into private.import_staging (run_id, event_id, status)
      select p_run, m.event_id, 'cancelled' from private.missing_events(v_run) m
      on conflict (run_id, event_id) do update set status = 'cancelled', removed = false;
      return '{"lost": false, "missing": []}'::jsonb;`,
    );
    // Either of these two would mend what the first mistake did.
    askNowhereElse();
    await plant('restored_unseen', 'from private.ended_links(v_run, v_read) x where false');
    expect(await found({ schedules: 300, from: shortenedSchedule })).toMatch(
      /lives in the calendar|by itself|not for the calendar|nobody changed/,
    );
  });

  test('an echo that is taken for an edit', async () => {
    await plant('every_echo', 'or true');
    await plant('echo_is_an_edit', `'base', jsonb_set(l.base, '{time,startsAt}', '"2000-01-01T00:00:00.000Z"')`);
    expect(await found({ schedules: 100 })).toMatch(/nobody changed its event|left at|by itself/);
  });

  test('a lease that is ignored', async () => {
    await plant('ignored_lease', '');
    expect(await found({ schedules: 100, from: crowdedSchedule })).toMatch(/holds|I1|I2|left|given up/);
  });

  test.each([
    ['a new name', 'renamed_on_its_way', 'where false', /I2: .* is ".*", its event ".*"/],
    ['a new template', 'template_on_its_way', 'where false', /I2: .* is ".*", its event ".*"/],
    ['a deletion', 'deleted_on_its_way', 'where x.linked', /not for the calendar/],
  ])('%s that passes by what is on its way', async (_mistake, mark, line, objection) => {
    await plant(mark, line);
    expect(await found({ schedules: 300, from: interruptedSchedule })).toMatch(objection);
  });

  test('a deletion of ours that nobody wrote down', async () => {
    await plant('deletion_unannounced', `where i.state = 'creating'`);
    expect(await found({ schedules: 200, from: hesitantSchedule })).toMatch(/by itself|has no event/);
  });

  test('an answer that got lost and is forgotten', async () => {
    await plant('forgotten_answer', `'state', case s.state when 'updating' then 'live' else s.state end,`);
    expect(await found({ schedules: 400, from: hesitantSchedule })).toMatch(
      /I2: .* in ".*", its event in|left in|given up/,
    );
  });

  test('the whole series is ended', async () => {
    const { provider } = simulation.parts;
    const adapter = provider.adapter;
    undo.push(() => provider.adapter = adapter);
    provider.adapter = (options) => {
      const real = adapter(options);
      const calendar: CalendarAccess = {
        ...real.calendar,
        async getEvent(handle, ref) {
          const event = await real.calendar.getEvent(handle, ref);
          if (!event?.repeats) return event;
          const { repeats: _, ...single } = event;
          return single;
        },
      };
      return { ...real, calendar };
    };
    expect(await found({ schedules: 100, from: repeatingSchedule })).toMatch(/R3: the occurrence .* was/);
  });

  test('an undo that writes over what changed since', async () => {
    await plant('undo_overwrites', 'where false');
    expect(await found({ schedules: 200, from: takenBackSchedule })).toMatch(/U1: .* wrote over what a person/);
  });

  test('an epoch that is not raised', async () => {
    planted.epochForgotten = true;
    undo.push(() => planted.epochForgotten = false);
    expect(await found({ schedules: 100 })).toMatch(/given up|has no event/);
  });
});

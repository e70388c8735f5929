/** The simulation is worth what it finds: each of these mistakes, planted beside the product, must come out. */
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import type { CalendarAccess } from '../../supabase/functions/_shared/providers/port/calendar.ts';
import { crowdedSchedule, hesitantSchedule, interruptedSchedule, shortenedSchedule } from './actions.ts';
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

/** Writes another text into a function of the database, until the end of the test. */
async function mutate(name: string, from: string, to: string): Promise<void> {
  const { sql } = simulation.parts.database;
  const [row] = await sql`select pg_get_functiondef(p.oid) as text from pg_proc p
    join pg_namespace n on n.oid = p.pronamespace where n.nspname || '.' || p.proname = ${name}`;
  const text: string = row!.text;
  expect(text).toContain(from);
  await sql.unsafe(text.replaceAll(from, to));
  undo.push(() => sql.unsafe(text));
}

async function found(options: Omit<SimulationOptions, 'seed'>): Promise<string> {
  const failure = await simulate(simulation, { seed: 1, anyWillDo: true, ...options }).then(
    () => null,
    (error: Error) => error.message,
  );
  return failure ?? 'Nothing was found';
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
            await sql`update private.calendar_cursors set sync_token = ${page.next.cursor},
                window_from = run_from, window_to = run_to, read_to = run_read_to
              where calendar_id = ${request.calendarId} and run_id is not null`;
          }
          return page;
        },
      };
      return { ...real, calendar };
    };
    expect(await found({ schedules: 300 })).toMatch(/I9|I2|nobody is asked|and still/);
  });

  test('absence that is taken for deletion', async () => {
    await mutate(
      'public.import_missing',
      `  return jsonb_build_object(\n    'lost', false,`,
      `  insert into private.import_staging (run_id, event_id, status)
      select p_run, m.event_id, 'cancelled' from private.missing_events(c) m
      on conflict (run_id, event_id) do update set status = 'cancelled', removed = false;
      return '{"lost": false, "missing": [], "known": 0}'::jsonb;
  return jsonb_build_object(\n    'lost', false,`,
    );
    expect(await found({ schedules: 300, from: shortenedSchedule })).toMatch(
      /lives in the calendar|by itself|not for the calendar|nobody changed/,
    );
  });

  test('an echo that is taken for an edit', async () => {
    await mutate(
      'public.import_ours',
      `and (s.status = 'cancelled' or s.etag is distinct from l.etag or private.staged_content(s) is distinct from l.base)`,
      '',
    );
    await mutate(
      'public.import_ours',
      `'base', l.base,`,
      `'base', jsonb_set(l.base, '{time,startsAt}', '"2000-01-01T00:00:00.000Z"'),`,
    );
    expect(await found({ schedules: 100 })).toMatch(/nobody changed its event|left at/);
  });

  test('a lease that is ignored', async () => {
    await mutate('public.sync_claim', 'and (l.lease_until is null or l.lease_until <= v_now)', '');
    for (const name of ['sync_complete', 'sync_reserve']) {
      await mutate(`public.${name}`, 'and l.lease_owner = p_worker', '');
    }
    expect(await found({ schedules: 100, from: crowdedSchedule })).toMatch(/holds|I1|I2|left|given up/);
  });

  test.each([
    {
      mistake: 'a new name',
      name: 'private.mark_linked',
      from: 'where r.id = any (p_rdvs)',
      to: 'where false',
      objection: /I2: .* is ".*", its event ".*"/,
    },
    {
      mistake: 'a new template',
      name: 'private.mark_integration',
      from: 'where o.integration_id = i.id and o.parked_at is null',
      to: 'where false',
      objection: /I2: .* is ".*", its event ".*"/,
    },
    {
      mistake: 'a deletion',
      name: 'private.mark_deleted_rdv',
      from: 'where x.linked or x.waits',
      to: 'where x.linked',
      objection: /not for the calendar/,
    },
  ])('$mistake that passes by what is on its way', async ({ name, from, to, objection }) => {
    await mutate(name, from, to);
    expect(await found({ schedules: 300, from: interruptedSchedule })).toMatch(objection);
  });

  test('a deletion of ours that nobody wrote down', async () => {
    await mutate(
      'public.sync_reserve',
      'returning l.id',
      'where l.external_event_id is distinct from excluded.external_event_id returning l.id',
    );
    // Where the worker died, doubt makes up for it; where its time was over, nothing does.
    await mutate('private.lane_jobs', `'unsure', o.unsure`, `'unsure', false`);
    expect(await found({ schedules: 200, from: hesitantSchedule })).toMatch(/by itself|has no event/);
  });

  test('an answer that got lost and is forgotten', async () => {
    await mutate('private.lane_jobs', `'unsure', o.unsure`, `'unsure', false`);
    expect(await found({ schedules: 400, from: hesitantSchedule })).toMatch(/I2: .* in ".*", its event in|left in/);
  });

  test('an epoch that is not raised', async () => {
    planted.epochForgotten = true;
    undo.push(() => planted.epochForgotten = false);
    expect(await found({ schedules: 100 })).toMatch(/given up|has no event/);
  });
});

import { beforeEach, describe, expect, test } from 'vitest';
import { ProviderError } from '../../../../supabase/functions/_shared/providers/port/failure.ts';
import { drainImports } from '../../../../supabase/functions/_shared/sync/inbound/worker.ts';
import { WorkBudget } from '../../../../supabase/functions/_shared/sync/shared/work_budget.ts';
import { InboundWorld, lane } from './inbound_world.ts';

let world: InboundWorld;
beforeEach(() => {
  world = new InboundWorld();
});
const drain = (deadlineMs: number, budget = new WorkBudget()) =>
  drainImports(world.deps, { worker: 'worker', deadlineMs, budget });
const empty = { events: [], next: { cursor: 'cursor-2' } };

describe('the import worker', () => {
  test('reads what is due, at most four calendars at a time, until nothing is', async () => {
    world.lanes = Array.from({ length: 5 }, () => lane());
    world.pages = Array.from({ length: 5 }, () => empty);
    expect(await drain(50_000)).toEqual({ lanes: 5, remaining: false });
    // The second has said that nothing more is due: no third is made to hear the same.
    expect(world.told('claim')).toHaveLength(2);
    expect(world.told('claim')[0]).toEqual([{
      worker: 'worker',
      maxLanes: 4,
      leaseSeconds: 120,
      projectUnitsPerMinute: 10_000,
    }]);
    expect(world.told('finish')).toHaveLength(5);
  });

  test('waits for a second look that its reading calls for, and not for the next poll', async () => {
    world.lanes = [lane(), lane()];
    world.pages = [empty, empty, empty];
    world.againInMs = [5000, 300_000, 45_000];
    world.onCall.set('finish', () => {
      // Due then, and for the third time not soon.
      if (world.told('finish').length === 2) world.lanes = [lane()];
    });
    expect(await drain(50_000)).toEqual({ lanes: 3, remaining: false });
    expect(world.claimedAt).toEqual([0, 5000]);
  });

  test('F11: reads at once again what was told of while it was read', async () => {
    world.lanes = [lane()];
    world.pages = [empty, empty];
    world.againInMs = [0, 300_000];
    world.onCall.set('finish', () => {
      if (world.told('finish').length === 1) world.lanes = [lane()];
    });
    expect(await drain(50_000)).toEqual({ lanes: 2, remaining: false });
    expect(world.claimedAt).toEqual([0, 0]);
  });

  test('waits for each of several second looks, and for one that another reading has called for', async () => {
    world.lanes = [lane(), lane()];
    world.pages = [empty, empty];
    world.againInMs = [6000, 9000];
    const options = { worker: 'worker', deadlineMs: 50_000, budget: new WorkBudget(), againInMs: 3000 };
    expect(await drainImports(world.deps, options)).toEqual({ lanes: 2, remaining: false });
    expect(world.claimedAt).toEqual([0, 3000, 6000, 9000]);
  });

  test('waits until its deadline for units of the project, which come back in seconds', async () => {
    world.short = true;
    expect(await drain(20_000)).toEqual({ lanes: 0, remaining: true });
    expect(world.clock).toBeGreaterThanOrEqual(20_000);
    expect(world.told('leave')).toEqual([['worker']]);
  });

  test('that has nothing to wait for has left its place by its last claim', async () => {
    await drain(50_000);
    expect(world.told('leave')).toEqual([]);
  });

  test('stops at its deadline and says that something is left', async () => {
    world.onCall.set('claim', () => {
      world.clock += 1000;
      world.lanes = [lane()];
      world.pages = [empty];
    });
    world.lanes = [lane()];
    world.pages = [empty];
    expect(await drain(5000)).toEqual({ lanes: 5, remaining: true });
  });

  test('F12: a calendar that cannot be handed out is named in the log, and the others are read', async () => {
    const { integrationId, organisationId } = lane();
    world.troubled = [{ integrationId, organisationId, code: 'CREDENTIAL_UNREADABLE', sqlState: 'P0001' }];
    world.onCall.set('claim', () => {
      if (world.told('claim').length !== 1) return;
      world.lanes = [lane()];
      world.pages = [empty];
    });
    expect(await drain(50_000)).toEqual({ lanes: 1, remaining: false });
    expect(world.lines[0]).toMatchObject({
      step: 'claim_calendar',
      outcome: 'error',
      fields: { integration: integrationId, code: 'CREDENTIAL_UNREADABLE' },
    });
  });

  test('stops when the work of an invocation is done, however many calendars are due', async () => {
    world.lanes = [lane()];
    world.pages = [empty];
    world.onCall.set('claim', () => {
      world.lanes.push(lane());
      world.pages.push(empty);
    });
    const { lanes, remaining } = await drain(50_000, new WorkBudget(500));
    expect(remaining).toBe(true);
    expect(lanes).toBe(10);
  });

  test('F12: a calendar that fails stops no other', async () => {
    world.lanes = [lane(), lane()];
    world.pages = [new ProviderError('PROVIDER_UNAVAILABLE', 'Read: refused', { operation: 'pull' }), empty];
    await drain(50_000);
    expect(world.told('fail')).toHaveLength(1);
    expect(world.told('finish')).toHaveLength(1);
    expect(world.lines.map(({ outcome, level }) => [outcome, level])).toEqual([['error', 'warn'], ['ok', undefined]]);
  });

  test('a database that fails leaves the lease to run out', async () => {
    world.lanes = [lane()];
    world.pages = [empty];
    world.onCall.set('finish', () => {
      throw new Error('down');
    });
    world.onCall.set('fail', () => {
      throw new Error('down');
    });
    expect(await drain(50_000)).toEqual({ lanes: 1, remaining: false });
    expect(world.lines).toMatchObject([{ step: 'import_calendar', outcome: 'error' }]);
  });

  test('F11: follows a calendar before it reads it, so that no change falls between the two', async () => {
    world.lanes = [lane({ watchWanted: true })];
    world.pages = [empty];
    await drain(50_000);
    expect(world.calls.map(({ name }) => name)).toEqual(['claim', 'watch', 'watch', 'finish']);
  });

  test('reads a calendar that cannot be followed, and follows none for a preview', async () => {
    world.watchAnswer = new ProviderError('PROVIDER_UNAVAILABLE', 'Watch: refused', { operation: 'watch' });
    world.lanes = [lane({ watchWanted: true })];
    world.pages = [empty, empty];
    await drain(50_000);
    expect(world.told('finish')).toHaveLength(1);
    const asked = world.asked.length;
    world.lanes = [lane({ watchWanted: true, mode: 'preview' })];
    await drain(50_000);
    expect(world.asked).toHaveLength(asked);
  });

  test('logs ids and counts, never what stands in a calendar', async () => {
    world.lanes = [lane()];
    world.pages = [empty];
    await drain(50_000);
    expect(JSON.stringify(world.lines)).not.toContain(lane().calendarId);
    expect(world.lines).toMatchObject([{ fields: { run: lane().runId, pages: 1, created: 0, ended: 'finished' } }]);
  });
});

import { createHash } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import { ProviderError } from '../../../../supabase/functions/_shared/providers/port/failure.ts';
import type { ImportLane } from '../../../../supabase/functions/_shared/sync/inbound/port.ts';
import { keepWatch } from '../../../../supabase/functions/_shared/sync/inbound/watch.ts';
import { CALENDAR, InboundWorld, lane } from './inbound_world.ts';

let world: InboundWorld;
beforeEach(() => {
  world = new InboundWorld();
});
const refused = (code: 'PUSH_UNSUPPORTED' | 'CONFIGURATION_ERROR') =>
  new ProviderError(code, 'Watch the calendar: refused', { operation: 'watch' });
const OLD = { channelId: 'old', resourceId: 'r-old', expiresAt: '2026-11-22T00:00:00.000Z' };
const keep = (change: Partial<ImportLane> = {}, notices = world.notices) =>
  keepWatch(lane({ watchWanted: true, ...change }), {
    store: world.store,
    notices,
    handle: world.handle,
    now: () => Date.parse('2026-11-21T00:00:00.000Z'),
    newId: world.deps.newId,
    newSecret: world.deps.newSecret,
    address: world.deps.notificationAddress,
    log: world.deps.log,
  });

describe('following a calendar', () => {
  test('stores the channel before the call and completes it afterwards; only the hash of the secret is stored', async () => {
    await keep();
    expect(world.asked).toEqual([`watch id-1 canary-secret ${world.deps.notificationAddress}`]);
    const secretHash = createHash('sha256').update('canary-secret').digest('hex');
    const report = { integrationId: lane().integrationId, calendarId: CALENDAR, refused: false };
    expect(world.watches()).toEqual([
      {
        ...report,
        channel: { channelId: 'id-1', resourceId: null, expiresAt: '2026-11-28T00:00:00.000Z', secretHash },
      },
      {
        ...report,
        channel: { channelId: 'id-1', resourceId: 'resource', expiresAt: '2026-12-05T00:00:00.000Z', secretHash },
      },
    ]);
    expect(JSON.stringify([world.calls, world.lines])).not.toContain('canary-secret');
  });

  test('stops the older channel only when the new one stands', async () => {
    world.older = [OLD];
    await keep({ watch: OLD });
    expect(world.asked.map((call) => call.split(' ')[0])).toEqual(['watch', 'stop']);
  });

  test('is done only where it is due', async () => {
    await keep({ watchWanted: false });
    expect([world.asked, world.calls]).toEqual([[], []]);
  });

  test('F21: a calendar that can never be followed is remembered as such', async () => {
    world.watchAnswer = refused('PUSH_UNSUPPORTED');
    await keep();
    expect(world.watches().at(-1)).toMatchObject({ channel: null, refused: true });
    expect(world.lines).toMatchObject([{ step: 'watch_calendar', outcome: 'ok' }]);
  });

  test('any other failure is logged and remembered as nothing', async () => {
    world.watchAnswer = refused('CONFIGURATION_ERROR');
    await keep();
    expect(world.watches()).toMatchObject([{ channel: { resourceId: null }, refused: false }]);
    expect(world.lines).toMatchObject([{ step: 'watch_calendar', outcome: 'error', level: 'warn' }]);
  });

  test('an older channel that cannot be stopped does not matter', async () => {
    world.older = [OLD, { ...OLD, channelId: 'older' }];
    world.stopAnswer = refused('CONFIGURATION_ERROR');
    await keep();
    expect(world.asked.slice(1)).toEqual(['stop old', 'stop older']);
    expect(world.lines.at(-1)).toMatchObject({ step: 'watch_calendar', outcome: 'ok' });
  });

  test('a subscription that can be renewed is renewed, under the same secret', async () => {
    world.renewal = { ...OLD, expiresAt: '2026-12-01T00:00:00.000Z' };
    await keep({ watch: OLD }, world.renewing());
    expect(world.asked).toEqual(['renew old']);
    expect(world.watches()).toMatchObject([{
      channel: { channelId: 'old', expiresAt: '2026-12-01T00:00:00.000Z', secretHash: null },
    }]);
  });

  test('a subscription that can no longer be renewed is made anew', async () => {
    await keep({ watch: OLD }, world.renewing());
    expect(world.asked.map((call) => call.split(' ')[0])).toEqual(['renew', 'watch']);
  });
});

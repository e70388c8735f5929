import { describe, expect, test } from 'vitest';
import type { WatchNotice } from '../../supabase/functions/_shared/providers/port/notices.ts';
import { refusalOf, type Stage, timed } from './stage.ts';

const noon = timed('2026-11-26T11:00:00.000Z', '2026-11-26T12:00:00.000Z');
const LIFETIME = 3600;

export function promisesOfWatching(on: Stage): void {
  const renewed = on.can.renewWatches;
  const start = (channelId: string, calendarId = on.harness.calendars.primary) =>
    on.notices.startWatch(on.handle, {
      calendarId,
      channelId,
      address: on.harness.receiver,
      secret: `secret of ${channelId}`,
      lifetimeSeconds: LIFETIME,
    });
  const change = (calendarId = on.harness.calendars.primary) =>
    on.harness.user.add(calendarId, { title: 'Neuf', time: noon });
  /** What the notifications that arrived say, the greeting of a new watch left out. */
  async function notices(): Promise<WatchNotice[]> {
    return (await on.harness.received()).flatMap((request) => {
      const parsed = on.notices.parseNotification(request);
      return parsed.kind === 'notices' ? parsed.notices.filter(({ meaning }) => meaning !== 'hello') : [];
    });
  }
  const secrets = async () => (await notices()).map(({ secret }) => secret);

  describe('a watch', () => {
    test('tells of every change with the secret it was given, until it is stopped', async () => {
      const watch = await start('channel-1');
      expect(await notices()).toEqual([]);
      await change();
      const [notice, ...more] = await notices();
      expect(more).toEqual([]);
      expect(notice).toMatchObject({ secret: 'secret of channel-1', meaning: 'changed' });
      // One of the two names the watch.
      expect([notice?.channelId === watch.channelId, notice?.resourceId === watch.resourceId]).toContain(true);
      await on.notices.stopWatch(on.handle, watch);
      await change();
      expect(await notices()).toHaveLength(1);
    });

    test('keeps to its own calendar', async () => {
      await start('channel-1');
      await change(on.harness.calendars.secondary);
      expect(await notices()).toEqual([]);
    });

    test('ends no later than it was asked to, and says nothing afterwards', async () => {
      const before = Date.now();
      const watch = await start('channel-1');
      expect(watch.channelId).toBe('channel-1');
      const lives = Date.parse(watch.expiresAt) - before;
      expect(lives).toBeGreaterThan(0);
      expect(lives).toBeLessThanOrEqual(LIFETIME * 1000 + 5000);
      on.harness.advance(LIFETIME * 1000 + 5000);
      await change();
      expect(await notices()).toEqual([]);
    });

    // A watch that can be renewed has no successor.
    test.runIf(!renewed)('can run beside its successor: no change falls between the two', async () => {
      const old = await start('channel-1');
      await start('channel-2');
      await change();
      expect((await secrets()).sort()).toEqual(['secret of channel-1', 'secret of channel-2']);
      await on.notices.stopWatch(on.handle, old);
      await change();
      expect((await secrets()).slice(2)).toEqual(['secret of channel-2']);
    });

    // Google's channels cannot be renewed: another takes their place.
    test.runIf(renewed)('lives longer once it is renewed', async () => {
      const watch = await start('channel-1');
      on.harness.advance(60_000);
      const longer = await on.notices.renewWatch?.(on.handle, watch, LIFETIME) ?? 'recreate';
      if (longer === 'recreate') throw new Error('A live watch was not renewed');
      expect(Date.parse(longer.expiresAt)).toBeGreaterThan(Date.parse(watch.expiresAt));
    });

    test('that is gone already is stopped without an error, twice or after its end', async () => {
      const watch = await start('channel-1');
      await on.notices.stopWatch(on.handle, watch);
      await on.notices.stopWatch(on.handle, watch);
      const other = await start('channel-2');
      on.harness.advance(LIFETIME * 1000 + 5000);
      await on.notices.stopWatch(on.handle, other);
    });

    test('of a calendar that cannot be watched is refused for good', async () => {
      const { secondary } = on.harness.calendars;
      on.harness.refuseWatches(secondary);
      expect(await refusalOf(start('channel-1', secondary))).toMatchObject({
        code: 'PUSH_UNSUPPORTED',
        retryable: false,
      });
    });
  });

  describe('a forged notification', () => {
    test('with another secret is told apart by it', async () => {
      await start('channel-1');
      await change();
      const genuine = (await on.harness.received()).at(-1);
      if (!genuine) throw new Error('No notification arrived');
      const forge = (text: string) => text.replaceAll('secret of channel-1', 'forged');
      const headers = new Headers();
      for (const [name, value] of genuine.headers) headers.set(name, forge(value));
      const forged = on.notices.parseNotification({ ...genuine, headers, body: forge(genuine.body) });
      if (forged.kind === 'notices') expect(forged.notices.map(({ secret }) => secret)).toEqual(['forged']);
      else expect(forged.kind).toBe('ignore');
    });

    test.each([
      ['nothing', 'POST', {}, ''],
      ['another method', 'DELETE', {}, ''],
      ['a body of no meaning', 'POST', { 'content-type': 'application/json' }, '[{"value":[[]]},null'],
      ['another shape', 'POST', { 'content-type': 'application/json' }, '{"value":{"clientState":7}}'],
      ['a page', 'POST', { 'content-type': 'text/html' }, '<html>'],
      ['headers of another product', 'POST', { 'x-goog-channel-id': 'c', 'x-goog-resource-state': 'trash' }, ''],
    ])('with %s is ignored', (_, method, headers, body) => {
      const request = { method, headers: new Headers(headers), url: new URL(on.harness.receiver), body };
      expect(on.notices.parseNotification(request)).toEqual({ kind: 'ignore' });
    });
  });
}

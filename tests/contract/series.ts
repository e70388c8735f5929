import { describe, expect, test } from 'vitest';
import { type Stage, timed } from './stage.ts';

const monday = timed('2026-11-30T09:00:00.000Z', '2026-11-30T10:00:00.000Z');
const elsewhere = timed('2026-12-09T14:00:00.000Z', '2026-12-09T15:00:00.000Z');

export function promisesOfSeries(on: Stage): void {
  describe('a series', () => {
    const four = async () => {
      const { primary } = on.harness.calendars;
      const all = await on.harness.user.addWeekly(primary, { title: 'Équipe', time: monday }, 4);
      const [first, second, third, fourth] = all;
      if (!first || !second || !third || !fourth) throw new Error('The series has not four occurrences');
      return { first, second, third, fourth, ids: all.map(({ eventId }) => eventId) };
    };

    test('comes as its occurrences, which share their series and keep their wall time', async () => {
      const { ids, second } = await four();
      const reading = await on.follow(null);
      expect(reading.living()).toEqual(ids);
      expect(new Set([...reading.events.values()].map(({ seriesId }) => seriesId)).size).toBe(1);
      expect(reading.get(second)?.seriesId).not.toBe(null);
      expect(reading.get(second)?.content?.time).toEqual(timed('2026-12-07T09:00:00.000Z', '2026-12-07T10:00:00.000Z'));
    });

    test('with one occurrence moved and one cancelled is read so, in full and by its changes', async () => {
      const { first, second, third, fourth } = await four();
      const { cursor } = await on.follow(null);
      await on.harness.user.edit(second, { time: elsewhere });
      await on.harness.user.remove(third);
      const full = await on.follow(null);
      expect(full.living()).toEqual([first, second, fourth].map(({ eventId }) => eventId));
      const changes = await on.follow(cursor);
      for (const reading of [full, changes]) expect(reading.get(second)?.content?.time).toEqual(elsewhere);
      expect([first, second, fourth].map((ref) => changes.tellsGone(ref))).toEqual([false, false, false]);
      expect((await on.calendar.readEvent(on.handle, third))?.status ?? 'cancelled').toBe('cancelled');
    });

    test('split in two: what it lost is gone, and the new one stands in its place', async () => {
      const { first, second, third, fourth } = await four();
      const { cursor } = await on.follow(null);
      await on.harness.user.edit(fourth, { title: 'À part' });
      await on.harness.user.split(third);
      const changes = await on.follow(cursor);
      expect([first, second].map((ref) => changes.tellsGone(ref))).toEqual([false, false]);
      const full = await on.follow(null);
      expect(full.living()).toHaveLength(4);
      expect(full.living().slice(0, 2)).toEqual([first.eventId, second.eventId]);
      const series = full.living().map((id) => full.events.get(id)?.seriesId);
      expect(new Set(series).size).toBe(2);
      for (const id of full.living().slice(2)) expect(changes.living()).toContain(id);
    });

    // Microsoft's changes do not say which single occurrence went: each reading looks at them.
    test.runIf(on.can.tellLostOccurrences)('tells by its changes which single occurrences are no more', async () => {
      const { third, fourth, second } = await four();
      const { cursor } = await on.follow(null);
      await on.harness.user.remove(second);
      expect((await on.follow(cursor)).tellsGone(second)).toBe(true);
      await on.harness.user.edit(fourth, { title: 'À part' });
      await on.harness.user.split(third);
      const changes = await on.follow(cursor);
      expect([third, fourth].map((ref) => changes.tellsGone(ref))).toEqual([true, true]);
    });
  });
}

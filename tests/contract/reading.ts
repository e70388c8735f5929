import { describe, expect, test } from 'vitest';
import { marker, type Stage } from './stage.ts';

export function promisesOfReading(on: Stage): void {
  describe('what the user did', () => {
    test('is told apart: nothing, an edit, a deletion', async () => {
      const [same, edited, deleted] = await Promise.all(['a', 'b', 'c'].map((seed) => on.written(on.creation(seed))));
      if (!same || !edited || !deleted) throw new Error('Three events were not written');
      await on.harness.user.edit(edited.ref, { title: 'Le mien' });
      await on.harness.user.remove(deleted.ref);
      expect(await on.read(same.ref)).toEqual(same);
      const now = await on.read(edited.ref);
      expect(now).toMatchObject({ status: 'confirmed', content: { title: 'Le mien' }, marker });
      expect(now?.version).not.toBe(edited.version);
      expect((await on.read(deleted.ref))?.status ?? 'cancelled').toBe('cancelled');
    });

    test('a move to another calendar reads as gone from the first, and lives in the second', async () => {
      const event = await on.written(on.creation('a'));
      await on.harness.user.move(event.ref, on.harness.calendars.secondary);
      expect((await on.read(event.ref))?.status ?? 'cancelled').toBe('cancelled');
      expect(on.harness.liveEvents(on.harness.calendars.secondary)).toHaveLength(1);
    });

    test('a copy bears our mark too, under another id', async () => {
      const event = await on.written(on.creation('a'));
      await on.harness.user.copy(event.ref);
      const { calendarId } = event.ref;
      const both = await Promise.all(
        on.harness.liveEvents(calendarId).map((eventId) => on.read({ calendarId, eventId })),
      );
      expect(both.map((found) => found?.marker)).toEqual([marker, marker]);
      expect(both).toContainEqual(event);
    });
  });

  describe('listing calendars', () => {
    test('names each with what may be done', async () => {
      const list = await on.calendar.listCalendars(on.handle);
      const byId = new Map(list.map((calendar) => [calendar.id, calendar]));
      expect(byId.get(on.harness.calendars.primary)).toMatchObject({ primary: true, canWrite: true });
      expect(byId.get(on.harness.calendars.secondary)).toMatchObject({ primary: false, canWrite: true });
      expect(byId.get(on.harness.calendars.readOnly)).toMatchObject({ primary: false, canWrite: false });
      expect(list.every(({ name }) => name !== '')).toBe(true);
    });

    test('gives all of many', async () => {
      const before = (await on.calendar.listCalendars(on.handle)).length;
      on.harness.user.addCalendars(11);
      const list = await on.calendar.listCalendars(on.handle);
      expect(new Set(list.map(({ id }) => id)).size).toBe(before + 11);
    });

    test('shows a right that was taken away', async () => {
      on.harness.user.makeReadOnly(on.harness.calendars.secondary);
      const list = await on.calendar.listCalendars(on.handle);
      expect(list.find(({ id }) => id === on.harness.calendars.secondary)?.canWrite).toBe(false);
      expect((await on.refused(on.creation('a', {}, on.harness.calendars.secondary))).code).toBe('CALENDAR_READ_ONLY');
    });
  });
}

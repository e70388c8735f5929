import { describe, expect, test } from 'vitest';
import { content, marker, type Stage, timed } from './stage.ts';

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

    test('an event moved to another calendar is neither changed nor deleted in the name of the first', async () => {
      const { primary, secondary } = on.harness.calendars;
      const event = await on.written(on.creation('a'));
      await on.harness.user.move(event.ref, secondary);
      const patched = await on.write(on.patch(event, { title: 'Neuf' }, null));
      expect('event' in patched ? patched.event.status : 'failed').not.toBe('confirmed');
      expect((await on.write(on.removal(event))).result).toBe('already_gone');
      expect(on.harness.liveEvents(primary)).toEqual([]);
      const [moved = '', ...more] = on.harness.liveEvents(secondary);
      const kept = await on.read({ calendarId: secondary, eventId: moved });
      expect([kept?.content?.title, kept?.marker, more]).toEqual([content.title, marker, []]);
    });

    test('an online meeting is no change of what we describe, and survives every write of ours', async () => {
      const event = await on.written(on.creation('a'));
      await on.harness.user.meet(event.ref);
      const place = await on.harness.meetingOf(event.ref);
      expect(place).toMatch(/^https:/);
      const met = await on.read(event.ref);
      expect(met?.content).toEqual(event.content);
      const changes = { title: 'Neuf', description: 'Une <b>ligne</b> & la suite\nDeux', location: 'Lyon' };
      const patched = await on.written(on.patch(met ?? event, changes));
      expect(patched.content).toMatchObject(changes);
      for (const description of ['', 'Encore']) {
        await on.written(on.patch(event, { description }, null));
        expect((await on.read(event.ref))?.content?.description).toBe(description);
        expect(await on.harness.meetingOf(event.ref)).toBe(place);
      }
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

  test('a description that a person wrote with mark-up reads as plain text, with the addresses of its links', async () => {
    const html = '<p>Apporter <b>les radios</b> &amp; la carte.</p>' +
      '<ul><li>9&nbsp;h : accueil</li><li><a href="https://plan.test/a">https://plan.test/a</a></li></ul>';
    const { start, end } = { start: '2026-11-23T12:00:00.000Z', end: '2026-11-23T13:00:00.000Z' };
    const added = await on.harness.user.add(on.harness.calendars.primary, {
      title: 'Visite',
      time: timed(start, end),
      html,
    });
    expect((await on.read(added))?.content?.description.split(/\n+/)).toEqual([
      'Apporter les radios & la carte.',
      '9 h : accueil',
      'https://plan.test/a',
    ]);
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

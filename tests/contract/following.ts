import { describe, expect, test } from 'vitest';
import { content, days, marker, refusalOf, type Stage, timed, WINDOW } from './stage.ts';

const morning = timed('2026-11-25T09:00:00.000Z', '2026-11-25T10:00:00.000Z');
const noon = timed('2026-11-26T11:00:00.000Z', '2026-11-26T12:00:00.000Z');

export function promisesOfFollowing(on: Stage): void {
  describe('a full reading', () => {
    test('brings what the window holds, whoever made it, and nothing else', async () => {
      const { primary } = on.harness.calendars;
      const { user } = on.harness;
      const own = await on.written(on.creation('a'));
      const before = timed('2026-10-31T09:00:00.000Z', '2026-10-31T10:00:00.000Z');
      const after = timed('2027-02-01T00:00:00.000Z', '2027-02-01T01:00:00.000Z');
      const across = timed('2026-10-31T23:00:00.000Z', '2026-11-01T01:00:00.000Z');
      await user.add(primary, { title: 'Avant', time: before });
      await user.add(primary, { title: 'Après', time: after });
      const overlapping = await user.add(primary, { title: 'À cheval', time: across });
      const meeting = await user.add(primary, { title: 'Réunion', time: morning });
      const holiday = await user.add(primary, { title: 'Congé', time: days('2026-12-24', '2026-12-27') });
      const reading = await on.follow(null);
      expect(reading.living()).toEqual([overlapping, own.ref, meeting, holiday].map(({ eventId }) => eventId));
      expect(reading.get(own.ref)).toMatchObject({ ...on.seen(own), ownResponse: null, seriesId: null });
      expect(reading.get(meeting)).toMatchObject({
        content: { title: 'Réunion', time: morning },
        marker: null,
        status: 'confirmed',
      });
      expect(reading.get(holiday)?.content?.time).toEqual(days('2026-12-24', '2026-12-27'));
    });

    test('in short pages, some of them empty, brings each event once', async () => {
      const ids: string[] = [];
      for (const seed of ['a', 'b', 'c', 'd', 'e']) ids.push((await on.written(on.creation(seed))).ref.eventId);
      on.harness.shortenPages();
      const reading = await on.follow(null);
      expect(reading.pages).toBeGreaterThan(3);
      expect(reading.living().sort()).toEqual(ids.sort());
      expect((await on.follow(reading.cursor)).living()).toEqual([]);
    });

    test('loses no change that is made between its pages', async () => {
      const written = [];
      for (const seed of ['a', 'b', 'c', 'd', 'e']) written.push(await on.written(on.creation(seed)));
      on.harness.shortenPages();
      const whole = { calendarId: on.harness.calendars.primary, window: WINDOW, cursor: null };
      let page = await on.calendar.pullChanges(on.handle, { ...whole, pageToken: null });
      for (const event of written) await on.harness.user.edit(event.ref, { title: 'Après coup' });
      const late = await on.harness.user.add(whole.calendarId, { title: 'Après coup', time: noon });
      const titles = new Map(page.events.map(({ ref, content }) => [ref.eventId, content?.title]));
      while ('pageToken' in page.next) {
        page = await on.calendar.pullChanges(on.handle, { ...whole, pageToken: page.next.pageToken });
        for (const { ref, content } of page.events) titles.set(ref.eventId, content?.title);
      }
      for (const { ref, content } of (await on.follow(page.next.cursor)).events.values()) {
        titles.set(ref.eventId, content?.title);
      }
      expect(titles).toEqual(
        new Map([...written.map(({ ref }) => ref), late].map((ref) => [ref.eventId, 'Après coup'])),
      );
    });

    test('of a calendar without events ends with a cursor', async () => {
      const reading = await on.follow(null);
      expect([reading.living(), reading.cursor === '']).toEqual([[], false]);
    });
  });

  describe('an incremental reading', () => {
    test('with nothing new is one request and brings nothing', async () => {
      await on.written(on.creation('a'));
      const { cursor } = await on.follow(null);
      const before = on.harness.requests().api;
      const reading = await on.follow(cursor);
      expect(on.harness.requests().api - before).toBe(1);
      expect([...reading.events.keys(), ...reading.removed]).toEqual([]);
      expect([...(await on.follow(reading.cursor)).events.keys()]).toEqual([]);
    });

    test('brings our own writes back with the very version and content that the write told', async () => {
      const { cursor } = await on.follow(null);
      const made = await on.written(on.creation('a'));
      const changed = await on.written(on.patch(await on.written(on.creation('b')), { title: 'Neuf' }));
      const reading = await on.follow(cursor);
      for (const own of [made, changed]) expect(reading.get(own.ref)).toMatchObject(on.seen(own));
      // Known as ours by the id it has, or by the one that was asked for.
      expect([made.ref.eventId, reading.get(made.ref)?.requestedId]).toContain(on.refOf('a').eventId);
    });

    test('tells an edit, a new time, a deletion and nothing at all apart', async () => {
      const [same, edited, moved, deleted] = await Promise.all(
        ['a', 'b', 'c', 'd'].map((seed) => on.written(on.creation(seed))),
      );
      if (!same || !edited || !moved || !deleted) throw new Error('Four events were not written');
      const { cursor } = await on.follow(null);
      await on.harness.user.edit(edited.ref, { title: 'Le mien' });
      await on.harness.user.edit(moved.ref, { time: noon });
      await on.harness.user.remove(deleted.ref);
      const reading = await on.follow(cursor);
      expect(reading.get(same.ref)).toBe(undefined);
      expect(reading.get(edited.ref)).toMatchObject({ status: 'confirmed', content: { ...content, title: 'Le mien' } });
      expect(reading.get(edited.ref)?.version).not.toBe(edited.version);
      expect(reading.get(moved.ref)).toMatchObject({ status: 'confirmed', content: { ...content, time: noon } });
      expect(reading.tellsGone(deleted.ref)).toBe(true);
      expect([edited, moved, same].map(({ ref }) => reading.tellsGone(ref))).toEqual([false, false, false]);
    });

    test('tells of a copy under an id of its own', async () => {
      const event = await on.written(on.creation('a'));
      const { cursor } = await on.follow(null);
      await on.harness.user.copy(event.ref);
      const reading = await on.follow(cursor);
      expect(reading.living()).toHaveLength(1);
      expect(reading.living()).not.toContain(event.ref.eventId);
    });

    test('tells of an event moved to another calendar: gone here, there under whatever id', async () => {
      const { primary, secondary } = on.harness.calendars;
      const event = await on.written(on.creation('a'));
      const here = await on.follow(null, primary);
      const there = await on.follow(null, secondary);
      await on.harness.user.move(event.ref, secondary);
      expect((await on.follow(here.cursor, primary)).tellsGone(event.ref)).toBe(true);
      expect((await on.follow(there.cursor, secondary)).living()).toHaveLength(1);
    });

    test('in short pages brings each change, and what comes later is left for the next one', async () => {
      const { cursor } = await on.follow(null);
      for (const seed of ['a', 'b', 'c', 'd', 'e']) await on.written(on.creation(seed));
      on.harness.shortenPages();
      const reading = await on.follow(cursor);
      expect(reading.living()).toHaveLength(5);
      const late = await on.harness.user.add(on.harness.calendars.primary, { title: 'Tard', time: noon });
      expect((await on.follow(reading.cursor)).living()).toEqual([late.eventId]);
    });

    test('from an older cursor repeats what came since, in its newest state', async () => {
      const { cursor } = await on.follow(null);
      const event = await on.written(on.creation('a'));
      await on.follow(cursor);
      await on.harness.user.edit(event.ref, { title: 'Le mien' });
      expect((await on.follow(cursor)).get(event.ref)?.content?.title).toBe('Le mien');
    });
  });

  describe('a cursor', () => {
    test('that has ended says so, and the full reading after it loses and doubles nothing', async () => {
      const { primary } = on.harness.calendars;
      const [kept, edited, deleted] = await Promise.all(['a', 'b', 'c'].map((seed) => on.written(on.creation(seed))));
      if (!kept || !edited || !deleted) throw new Error('Three events were not written');
      const { cursor } = await on.follow(null);
      on.harness.expireCursors(primary);
      await on.harness.user.edit(edited.ref, { title: 'Le mien' });
      await on.harness.user.remove(deleted.ref);
      const added = await on.harness.user.add(primary, { title: 'Neuf', time: noon });
      expect(await refusalOf(on.follow(cursor))).toMatchObject({ code: 'CURSOR_EXPIRED', retryable: true });
      const reading = await on.follow(null);
      expect(reading.living().sort()).toEqual([kept.ref, edited.ref, added].map(({ eventId }) => eventId).sort());
      expect(reading.get(edited.ref)?.content?.title).toBe('Le mien');
      await on.harness.user.remove(kept.ref);
      expect((await on.follow(reading.cursor)).tellsGone(kept.ref)).toBe(true);
    });

    test('that ends between two pages says so too', async () => {
      const { cursor } = await on.follow(null);
      for (const seed of ['a', 'b', 'c']) await on.written(on.creation(seed));
      on.harness.shortenPages();
      const whole = { calendarId: on.harness.calendars.primary, window: WINDOW, cursor };
      const { next } = await on.calendar.pullChanges(on.handle, { ...whole, pageToken: null });
      on.harness.expireCursors(whole.calendarId);
      const pageToken = 'pageToken' in next ? next.pageToken : null;
      expect(await refusalOf(on.calendar.pullChanges(on.handle, { ...whole, pageToken }))).toMatchObject({
        code: 'CURSOR_EXPIRED',
      });
    });

    test('or a page token that never was one means to start again in full', async () => {
      const whole = { calendarId: on.harness.calendars.primary, window: WINDOW };
      for (const [cursor, pageToken] of [['nonsense', null], [null, 'nonsense']] as const) {
        const refusal = await refusalOf(on.calendar.pullChanges(on.handle, { ...whole, cursor, pageToken }));
        expect(refusal.code).toBe('CURSOR_EXPIRED');
      }
    });
  });

  test('a calendar that is gone is never an empty one', async () => {
    const { secondary } = on.harness.calendars;
    const { cursor } = await on.follow(null, secondary);
    on.harness.user.removeCalendar(secondary);
    const whole = { calendarId: secondary, window: WINDOW, pageToken: null };
    for (
      const attempt of [
        () => on.calendar.pullChanges(on.handle, { ...whole, cursor: null }),
        () => on.calendar.pullChanges(on.handle, { ...whole, cursor }),
      ]
    ) expect((await refusalOf(attempt())).code).toBe('CALENDAR_NOT_FOUND');
  });

  describe('one event read whole', () => {
    test('is what a reading brings of it', async () => {
      const { primary } = on.harness.calendars;
      const own = await on.written(on.creation('a'));
      const [occurrence] = await on.harness.user.addWeekly(primary, { title: 'Équipe', time: morning }, 2);
      const invitation = await on.harness.user.accept(primary, { title: 'Invitation', time: noon }, 'declined');
      const reading = await on.follow(null);
      if (!occurrence) throw new Error('The series has no occurrence');
      for (const ref of [own.ref, occurrence, invitation]) {
        const event = await on.calendar.readEvent(on.handle, ref);
        const brought = reading.get(ref);
        // An occurrence may be brought with the link to its series.
        expect(event && { ...on.seen(event), url: brought?.url }).toEqual(brought);
      }
      expect((await on.calendar.readEvent(on.handle, own.ref))?.marker).toEqual(marker);
    });

    test('that was deleted is cancelled or nothing, and one that never was is nothing', async () => {
      const event = await on.written(on.creation('a'));
      await on.harness.user.remove(event.ref);
      expect((await on.calendar.readEvent(on.handle, event.ref))?.status ?? 'cancelled').toBe('cancelled');
      expect(await on.calendar.readEvent(on.handle, on.refOf('ghost'))).toBe(null);
    });
  });

  test.each(['none', 'accepted', 'tentative', 'declined'] as const)(
    'an invitation tells who made it and that its owner answered: %s',
    async (response) => {
      const { primary } = on.harness.calendars;
      const ref = await on.harness.user.accept(primary, { title: 'Invitation', time: noon }, response);
      const event = (await on.follow(null)).get(ref);
      expect(event?.ownResponse).toBe(response);
      const { email } = on.harness.account;
      expect(event?.attendees.find((guest) => guest.email === email)).toMatchObject({ response, organizer: false });
      // Not every provider says which of the guests the owner is; none says it of another.
      expect(event?.attendees.filter(({ self }) => self).every((guest) => guest.email === email)).toBe(true);
      expect(event?.attendees.filter(({ organizer }) => organizer)).toMatchObject([{ email: 'hote@exterieur.test' }]);
    },
  );
}

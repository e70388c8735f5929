import { describe, expect, test } from 'vitest';
import type { ObservedEvent } from '../../supabase/functions/_shared/providers/port/calendar.ts';
import { CONTENT_FIELDS, type EventContent } from '../../supabase/functions/_shared/providers/port/content.ts';
import { content, days, marker, refusalOf, type Stage, timed } from './stage.ts';

export function promisesOfWriting(on: Stage): void {
  describe('creating', () => {
    test('gives an event with our content, our mark and a version', async () => {
      const event = await on.written(on.creation('a'));
      expect(event).toMatchObject({ status: 'confirmed', marker, content: on.calendar.normalize(content) });
      expect(event.version).not.toBe('');
      expect(await on.read(event.ref)).toEqual(event);
    });

    test('twice with one key makes one event', async () => {
      const { ref } = await on.written(on.creation('a'));
      const again = await on.write(on.creation('a'));
      if (again.result === 'failed') expect(again.error.code).toBe('DUPLICATE_CREATE');
      else expect(again).toMatchObject({ result: 'created', event: { ref } });
      expect(on.harness.liveEvents(ref.calendarId)).toEqual([ref.eventId]);
      expect(await on.read(ref)).toMatchObject({ status: 'confirmed', marker });
    });

    test('again after a lost answer makes one event, and finds it', async () => {
      on.harness.loseAnswers();
      expect(await refusalOf(on.write(on.creation('a')))).toMatchObject({
        code: 'PROVIDER_UNAVAILABLE',
        retryable: true,
      });
      expect(on.harness.liveEvents(on.harness.calendars.primary)).toHaveLength(1);
      const again = await on.write(on.creation('a'));
      const ref = 'event' in again ? again.event.ref : on.refOf('a');
      expect(on.harness.liveEvents(on.harness.calendars.primary)).toEqual([ref.eventId]);
      expect(await on.read(ref)).toMatchObject({
        status: 'confirmed',
        marker,
        content: on.calendar.normalize(content),
      });
    });

    test('many again after a lost answer makes each event once', async () => {
      const operations = ['a', 'b', 'c', 'd'].map((seed) => on.creation(seed));
      on.harness.loseAnswers();
      expect((await refusalOf(on.calendar.write(on.handle, operations))).code).toBe('PROVIDER_UNAVAILABLE');
      await on.calendar.write(on.handle, operations);
      expect(on.harness.liveEvents(on.harness.calendars.primary)).toHaveLength(4);
    });

    // Whether a deletion frees the id for another event, Microsoft does not document: under the setting where it does, none is spent.
    test.runIf(on.can.spendIds)('under the id of a deleted event is refused, and a read tells why', async () => {
      const event = await on.written(on.creation('a'));
      await on.write(on.removal(event));
      expect((await on.refused(on.creation('a'))).code).toBe('DUPLICATE_CREATE');
      expect((await on.read(event.ref))?.status ?? 'cancelled').toBe('cancelled');
      expect(await on.written(on.creation('a, next epoch'))).toMatchObject({ status: 'confirmed' });
    });

    test('in a calendar that is gone says so, and a probe agrees', async () => {
      await on.calendar.probeCalendar(on.handle, on.harness.calendars.secondary);
      on.harness.user.removeCalendar(on.harness.calendars.secondary);
      expect((await on.refused(on.creation('a', {}, on.harness.calendars.secondary))).code).toBe('CALENDAR_NOT_FOUND');
      expect((await refusalOf(on.calendar.probeCalendar(on.handle, on.harness.calendars.secondary))).code).toBe(
        'CALENDAR_NOT_FOUND',
      );
    });

    test('in a calendar that may only be read says so, for good', async () => {
      await on.calendar.probeCalendar(on.handle, on.harness.calendars.readOnly);
      expect(await on.refused(on.creation('a', {}, on.harness.calendars.readOnly))).toMatchObject({
        code: 'CALENDAR_READ_ONLY',
        retryable: false,
      });
    });

    test.each([
      ['that ends when it starts', timed('2026-11-23T08:00:00.000Z', '2026-11-23T08:00:00.000Z')],
      ['that ends before it starts', timed('2026-11-23T08:00:00.000Z', '2026-11-23T07:00:00.000Z')],
      ['of no day', days('2026-11-23', '2026-11-23')],
      [
        'in a zone that does not exist',
        timed('2026-11-23T08:00:00.000Z', '2026-11-23T08:30:00.000Z', 'Europe/Cassius'),
      ],
    ])('an event %s is refused for good', async (_, time) => {
      expect(await on.refused(on.creation('a', { time }))).toMatchObject({ code: 'INVALID_EVENT', retryable: false });
      expect(on.harness.liveEvents(on.harness.calendars.primary)).toEqual([]);
    });
  });

  describe('changing', () => {
    test('on the version that was read writes the changed fields and no others', async () => {
      const event = await on.written(on.creation('a'));
      await on.harness.user.edit(event.ref, { location: 'Chez le patient' });
      const current = await on.read(event.ref);
      expect(current?.version).not.toBe(event.version);
      const changed = await on.written(on.patch(current ?? event, { title: 'Nouveau titre' }));
      expect(changed.content).toEqual({
        ...on.calendar.normalize(content),
        title: 'Nouveau titre',
        location: 'Chez le patient',
      });
      expect(changed.version).not.toBe(current?.version);
    });

    // `If-Match` on events is not documented by Microsoft: under the setting that ignores it nothing is refused.
    test.runIf(on.can.refuseOldVersions)('on an older version is refused and changes nothing', async () => {
      const event = await on.written(on.creation('a'));
      await on.harness.user.edit(event.ref, { title: 'Le mien' });
      const before = await on.read(event.ref);
      expect((await on.refused(on.patch(event, { title: 'Le nôtre' }))).code).toBe('VERSION_CONFLICT');
      expect(await on.read(event.ref)).toEqual(before);
    });

    test('without a version writes over what is there', async () => {
      const event = await on.written(on.creation('a'));
      await on.harness.user.edit(event.ref, { title: 'Le mien' });
      expect((await on.written(on.patch(event, { title: 'Le nôtre' }, null))).content?.title).toBe('Le nôtre');
    });

    test('each field alone leaves the others', async () => {
      const others: EventContent = {
        title: '',
        description: '',
        location: '',
        time: days('2026-12-24', '2026-12-26'),
        availability: 'free',
        visibility: 'normal',
      };
      let event = await on.written(on.creation('a'));
      let expected = on.calendar.normalize(content);
      for (const field of CONTENT_FIELDS) {
        event = await on.written(on.patch(event, { [field]: others[field] }));
        expected = { ...expected, [field]: others[field] };
        expect(event.content).toEqual(expected);
        expect(event.marker).toEqual(marker);
      }
    });

    test('from timed to all-day and back keeps both', async () => {
      let event = await on.written(on.creation('a'));
      for (const time of [days('2026-11-23', '2026-11-24'), content.time, days('2026-11-24', '2026-11-26')]) {
        event = await on.written(on.patch(event, { time }));
        expect(event.content?.time).toEqual(time);
      }
    });

    test('an event that the user deleted finds it gone and does not bring it back', async () => {
      const event = await on.written(on.creation('a'));
      await on.harness.user.remove(event.ref);
      for (const version of [null, event.version]) {
        const error = await on.refused(on.patch(event, { title: 'Nouveau titre' }, version));
        expect(['EVENT_NOT_FOUND', ...(version === null ? [] : ['VERSION_CONFLICT'])]).toContain(error.code);
      }
      expect(on.harness.liveEvents(event.ref.calendarId)).toEqual([]);
    });

    test('an event that never was finds it gone', async () => {
      const ghost: ObservedEvent = { ...await on.written(on.creation('a')), ref: on.refOf('ghost') };
      expect((await on.refused(on.patch(ghost, { title: 'x' }, null))).code).toBe('EVENT_NOT_FOUND');
      expect(await on.read(ghost.ref)).toBe(null);
    });

    test('an event with guests mails nobody: it is changed in silence or not at all', async () => {
      const event = await on.written(on.creation('a'));
      await on.harness.user.edit(event.ref, { guests: ['anne@example.test'] });
      const before = on.harness.mails().length;
      for (const operation of [on.patch(event, { title: 'Nouveau titre' }, null), on.removal(event)]) {
        const outcome = await on.write(operation);
        if (outcome.result === 'failed') {
          expect(outcome.error).toMatchObject({ code: 'PERMISSION_DENIED', retryable: false });
          expect(await on.read(event.ref)).toMatchObject({ content: event.content, marker });
        }
      }
      expect(on.harness.mails()).toHaveLength(before);
    });
  });

  describe('deleting', () => {
    test('twice is deleted, then already gone', async () => {
      const event = await on.written(on.creation('a'));
      expect((await on.write(on.removal(event))).result).toBe('deleted');
      expect((await on.write(on.removal(event))).result).toBe('already_gone');
      expect(on.harness.liveEvents(event.ref.calendarId)).toEqual([]);
    });

    test('what the user deleted, or what never was, is already gone', async () => {
      const event = await on.written(on.creation('a'));
      await on.harness.user.remove(event.ref);
      expect((await on.write(on.removal(event))).result).toBe('already_gone');
      expect((await on.write(on.removal({ ...event, ref: on.refOf('ghost') }))).result).toBe('already_gone');
    });

    // As for a change: under that setting nothing is refused.
    test.runIf(on.can.refuseOldVersions)('an older version is refused and deletes nothing', async () => {
      const event = await on.written(on.creation('a'));
      await on.harness.user.edit(event.ref, { title: 'Le mien' });
      const outcome = await on.write(on.removal(event, event.version));
      expect(outcome).toMatchObject({ result: 'failed', error: { code: 'VERSION_CONFLICT' } });
      expect(on.harness.liveEvents(event.ref.calendarId)).toHaveLength(1);
    });

    test('again after a lost answer ends well', async () => {
      const event = await on.written(on.creation('a'));
      on.harness.loseAnswers();
      expect((await refusalOf(on.write(on.removal(event)))).code).toBe('PROVIDER_UNAVAILABLE');
      // Where a look comes first, it was that whose answer was lost.
      expect(['deleted', 'already_gone']).toContain((await on.write(on.removal(event))).result);
      expect(on.harness.liveEvents(event.ref.calendarId)).toEqual([]);
    });
  });
}

import { describe, expect, test } from 'vitest';
import type { EventRef } from '../../supabase/functions/_shared/providers/port/calendar.ts';
import { refusalOf, type Stage } from './stage.ts';

export function promisesOfMoving(on: Stage): void {
  const locate = (...refs: EventRef[]) => on.calendar.locate(on.handle, refs);

  describe('where an event lives by now', () => {
    test('is known after each move of its owner, there and back', async () => {
      const { primary, secondary } = on.harness.calendars;
      const { ref } = await on.written(on.creation('a'));
      expect(await locate(ref)).toEqual([ref]);
      await on.harness.user.move(ref, secondary);
      const away = { ...ref, calendarId: secondary };
      expect(await locate(ref)).toEqual([away]);
      expect(await on.read(away)).toMatchObject({ ref: away, status: 'confirmed' });
      await on.harness.user.move(away, primary);
      expect(await locate(away, ref)).toEqual([ref, ref]);
    });

    test('is nowhere once it was deleted, moved before or not', async () => {
      const { secondary } = on.harness.calendars;
      const [kept, removed] = [await on.written(on.creation('a')), await on.written(on.creation('b'))];
      await on.harness.user.move(kept.ref, secondary);
      await on.harness.user.remove({ ...kept.ref, calendarId: secondary });
      await on.harness.user.remove(removed.ref);
      expect(await locate(kept.ref, removed.ref)).toEqual([null, null]);
    });

    test('is the only place where it can be ended, whatever else its owner made of it', async () => {
      const { secondary } = on.harness.calendars;
      const event = await on.written(on.creation('a'));
      await on.harness.user.edit(event.ref, { title: 'À elle' });
      await on.harness.user.move(event.ref, secondary);
      expect((await on.write(on.removal(event))).result).toBe('already_gone');
      expect(await locate(event.ref)).toEqual([{ ...event.ref, calendarId: secondary }]);
    });

    test('is nowhere for an id that no event had', async () => {
      expect(await locate(on.refOf('never'))).toEqual([null]);
      expect(await locate()).toEqual([]);
    });

    test('is not where its copy is', async () => {
      const { ref } = await on.written(on.creation('a'));
      await on.harness.user.copy(ref);
      expect(await locate(ref)).toEqual([ref]);
      await on.harness.user.remove(ref);
      expect(await locate(ref)).toEqual([null]);
    });

    test('is nowhere once the calendar is gone to which it was moved', async () => {
      const { secondary } = on.harness.calendars;
      const { ref } = await on.written(on.creation('a'));
      await on.harness.user.move(ref, secondary);
      on.harness.user.removeCalendar(secondary);
      expect(await locate(ref)).toEqual([null]);
    });

    test('is told by the id under which it was asked for as well', async () => {
      const { secondary } = on.harness.calendars;
      const asked = on.refOf('a');
      const { ref } = await on.written(on.creation('a'));
      await on.harness.user.copy(ref);
      await on.harness.user.move(ref, secondary);
      expect(await locate(asked)).toEqual([{ ...ref, calendarId: secondary }]);
    });

    test('is told for many events and calendars at once', async () => {
      const { secondary } = on.harness.calendars;
      on.harness.user.addCalendars(5);
      const refs: EventRef[] = [];
      for (let n = 0; n < 12; n++) refs.push((await on.written(on.creation(`n${n}`))).ref);
      for (const ref of refs.slice(0, 6)) await on.harness.user.move(ref, secondary);
      expect(await locate(...refs)).toEqual(
        refs.map((ref, at) => at < 6 ? { ...ref, calendarId: secondary } : ref),
      );
    });

    test('is not guessed where a calendar cannot be looked into', async () => {
      const { ref } = await on.written(on.creation('a'));
      on.harness.breakDown(20);
      expect((await refusalOf(locate(ref))).code).toBe('PROVIDER_UNAVAILABLE');
    });
  });
}

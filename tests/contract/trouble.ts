import { describe, expect, test } from 'vitest';
import { days, marker, refusalOf, type Stage, WINDOW } from './stage.ts';

export function promisesInTrouble(on: Stage): void {
  describe('a provider in trouble', () => {
    test('that asks to slow down is obeyed: the pause is told and nothing is written', async () => {
      on.harness.throttle(17);
      expect(await on.refused(on.creation('a'))).toMatchObject({
        code: 'RATE_LIMITED',
        retryable: true,
        retryAfterSeconds: 17,
      });
      expect(on.harness.liveEvents(on.harness.calendars.primary)).toEqual([]);
      expect((await on.write(on.creation('a'))).result).toBe('created');
    });

    test('whose quota is spent says so in whatever words, and goes on when its time is over', async () => {
      const { cost, maxBatch, unitsPerMinute } = on.calendar.limits;
      if (unitsPerMinute === null) throw new Error('The adapter declares no quota');
      const writeMany = (turn: number, size: number) =>
        on.calendar.write(on.handle, Array.from({ length: size }, (_, at) => on.creation(`${turn}.${at}`)));
      const full = Math.ceil(unitsPerMinute / cost.create / maxBatch);
      for (let turn = 0; turn < full; turn++) await writeMany(turn, maxBatch);
      for (const outcome of (await writeMany(full, 8)).values()) {
        expect(outcome).toMatchObject({ result: 'failed', error: { code: 'RATE_LIMITED', retryable: true } });
      }
      on.harness.advance((on.harness.quotaSeconds + 1) * 1000);
      expect((await on.write(on.creation('later'))).result).toBe('created');
    });

    test('is asked once, not again and again', async () => {
      for (const trouble of [() => on.harness.throttle(5), () => on.harness.breakDown()]) {
        const before = on.harness.requests().api;
        trouble();
        await on.refused(on.creation('a'));
        expect(on.harness.requests().api - before).toBe(1);
      }
    });

    test('breaks down without losing or doubling anything', async () => {
      on.harness.breakDown();
      expect(await on.refused(on.creation('a'))).toMatchObject({ code: 'PROVIDER_UNAVAILABLE', retryable: true });
      expect((await on.write(on.creation('a'))).result).toBe('created');
      expect(on.harness.liveEvents(on.harness.calendars.primary)).toHaveLength(1);
    });

    test('never makes a failed read look like an empty one', async () => {
      const event = await on.written(on.creation('a'));
      const { calendarId } = event.ref;
      const { cursor } = await on.follow(null);
      const whole = { calendarId, window: WINDOW, pageToken: null };
      const reads = [
        () => on.calendar.readEvent(on.handle, event.ref),
        () => on.calendar.pullChanges(on.handle, { ...whole, cursor: null }),
        () => on.calendar.pullChanges(on.handle, { ...whole, cursor }),
        () => on.read(event.ref),
        () => on.calendar.listCalendars(on.handle),
        () => on.calendar.probeCalendar(on.handle, event.ref.calendarId),
      ];
      for (const attempt of reads) {
        for (
          const [trouble, code] of [
            [() => on.harness.garble(), 'UNEXPECTED_RESPONSE'],
            [() => on.harness.breakDown(), 'PROVIDER_UNAVAILABLE'],
            [() => on.harness.throttle(3), 'RATE_LIMITED'],
            [() => on.harness.loseAnswers(), 'PROVIDER_UNAVAILABLE'],
          ] as const
        ) {
          trouble();
          expect(await refusalOf(attempt())).toMatchObject({ code, retryable: true });
        }
        await attempt();
      }
    });

    test('that garbles the answer of a write is asked again, and the event is there once', async () => {
      on.harness.garble();
      expect(await on.refused(on.creation('a'))).toMatchObject({ code: 'UNEXPECTED_RESPONSE', retryable: true });
      await on.write(on.creation('a'));
      expect(on.harness.liveEvents(on.harness.calendars.primary)).toHaveLength(1);
      expect(await on.read(on.refOf('a'))).toMatchObject({ marker });
    });
  });

  describe('many operations at once', () => {
    test('each have their outcome under their own key', async () => {
      const edited = await on.written(on.creation('edited'));
      const stale = await on.written(on.creation('stale'));
      const doomed = await on.written(on.creation('doomed'));
      await on.harness.user.edit(stale.ref, { title: 'Le mien' });
      const outcomes = await on.calendar.write(on.handle, [
        on.creation('new'),
        { ...on.patch(edited, { title: 'Neuf' }), key: 'edited' },
        { ...on.patch(stale, { title: 'Neuf' }), key: 'stale' },
        { ...on.removal(doomed), key: 'doomed' },
        { ...on.removal({ ...doomed, ref: on.refOf('ghost') }), key: 'ghost' },
        on.creation('bad', { time: days('2026-11-23', '2026-11-23') }),
      ]);
      const told = Object.fromEntries(
        [...outcomes].map((
          [key, outcome],
        ) => [key, outcome.result === 'failed' ? outcome.error.code : outcome.result]),
      );
      expect(told).toEqual({
        new: 'created',
        edited: 'patched',
        stale: on.can.refuseOldVersions ? 'VERSION_CONFLICT' : expect.any(String),
        doomed: 'deleted',
        ghost: 'already_gone',
        bad: 'INVALID_EVENT',
      });
      const titles = await Promise.all([edited, stale].map(async ({ ref }) => (await on.read(ref))?.content?.title));
      expect(titles).toEqual(['Neuf', 'Le mien']);
    });

    test('as many as a batch holds all arrive', async () => {
      const seeds = Array.from({ length: on.calendar.limits.maxBatch }, (_, at) => `event ${at}`);
      const outcomes = await on.calendar.write(on.handle, seeds.map((seed) => on.creation(seed, { title: seed })));
      for (const seed of seeds) {
        expect(outcomes.get(seed)).toMatchObject({ result: 'created', event: { content: { title: seed } } });
      }
      expect(on.harness.liveEvents(on.harness.calendars.primary)).toHaveLength(seeds.length);
    });

    test('of none asks nothing', async () => {
      const before = on.harness.requests().api;
      expect((await on.calendar.write(on.handle, [])).size).toBe(0);
      expect(on.harness.requests().api).toBe(before);
    });
  });
}

import { describe, expect, test } from 'vitest';
import { content, days, type Stage, timed as timedIn } from './stage.ts';

const timed = (startsAt: string, endsAt: string, timeZone = 'Europe/Paris') => ({
  ...timedIn(startsAt, endsAt, timeZone),
  startsAt,
  endsAt,
});

export function promisesOfRoundTrips(on: Stage): void {
  describe('a round trip', () => {
    test.each([
      ['over the start of summer time', days('2026-03-28', '2026-03-30')],
      ['on the day of the start of summer time', days('2026-03-29', '2026-03-30')],
      ['over its end', days('2026-10-24', '2026-10-27')],
      ['over the end of a year', days('2026-12-31', '2027-01-01')],
    ])('of whole days %s keeps the days', async (_, time) => {
      const event = await on.written(on.creation('a', { time }));
      expect((await on.read(event.ref))?.content?.time).toEqual(time);
    });

    test.each([
      ['the first of two equal hours', timed('2026-10-25T00:30:00.000Z', '2026-10-25T00:45:00.000Z')],
      ['the second of two equal hours', timed('2026-10-25T01:30:00.000Z', '2026-10-25T01:45:00.000Z')],
      ['both equal hours', timed('2026-10-25T00:30:00.000Z', '2026-10-25T01:30:00.000Z')],
      ['the hour that is left out', timed('2026-03-29T00:59:00.000Z', '2026-03-29T01:01:00.000Z')],
      ['a zone west of UTC', timed('2026-11-23T03:30:00.000Z', '2026-11-23T04:00:00.000Z', 'America/Martinique')],
      ['a zone with odd minutes', timed('2026-11-23T03:30:00.000Z', '2026-11-23T04:00:00.000Z', 'Asia/Kathmandu')],
    ])('of a timed event in %s keeps its instants', async (_, time) => {
      const event = await on.written(on.creation('a', { time }));
      // Whatever zone the provider keeps.
      expect((await on.read(event.ref))?.content?.time).toEqual(on.calendar.normalize({ ...content, time }).time);
      expect((await on.read(event.ref))?.content?.time).toMatchObject({ startsAt: time.startsAt, endsAt: time.endsAt });
    });

    test.each([
      ['accents and pictures', 'Électro 🩺👩‍⚕️', 'Ligne 1\nLigne 2 — “guillemets”', 'Hôpital, 3ᵉ étage'],
      ['other line ends and edges', '  Suivi\r\n', 'a\r\nb\rc\n\n', '\t12 rue de la Paix \n'],
      ['mark-up', '<b>Suivi</b> & co', '<ul><li>un</li></ul>&nbsp;deux', 'a < b > c'],
      ['mark-up beyond the bound', 'T', '<b>'.repeat(4000), ''],
      ['too much', 'T'.repeat(3000), '🩺'.repeat(9000), 'L'.repeat(3000)],
      [
        'the provider’s own block',
        'Suivi',
        'avant\n-::~:~::~:~:~:~:~::~:~::-\nMeet\n-::~:~::~:~:~:~:~:~::~:~::-\naprès',
        '',
      ],
      ['nothing', '', '', ''],
      [
        'a batch’s own lines',
        '--cassius_batch--',
        '--cassius_batch\r\nContent-ID: <operation-0>\r\n\r\nHTTP/1.1 200 OK',
        '',
      ],
    ])('of texts with %s comes back as it was normalised', async (_, title, description, location) => {
      const sent = { ...content, title, description, location };
      const event = await on.written(on.creation('a', sent));
      expect(event.content).toEqual(on.calendar.normalize(sent));
      expect(on.calendar.normalize(event.content ?? content)).toEqual(event.content);
      const changed = await on.written(on.patch(event, { title, description, location }));
      expect(changed.content).toEqual(event.content);
      const twin = (await on.calendar.write(on.handle, [on.creation('b', sent), on.creation('c', sent)])).get('b');
      expect(twin).toMatchObject({ event: { content: on.calendar.normalize(sent) } });
    });

    test.each([['busy', 'normal'], ['busy', 'private'], ['free', 'normal'], ['free', 'private']] as const)(
      'of an event that is %s and %s keeps both',
      async (availability, visibility) => {
        const event = await on.written(on.creation('a', { availability, visibility }));
        expect(event.content).toMatchObject({ availability, visibility });
      },
    );
  });
}

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { EventContent, EventTime } from '../../../supabase/functions/_shared/providers/port/content.ts';
import { ProviderError } from '../../../supabase/functions/_shared/providers/port/failure.ts';
import {
  GoogleEvent,
  insertBody,
  observedEvent,
  patchBody,
} from '../../../supabase/functions/_shared/providers/google/event_mapping.ts';
import { normalContent } from '../../../supabase/functions/_shared/providers/google/normal_content.ts';

const ref = { calendarId: 'claire@gmail.test', eventId: 'cassius0001' };
const marker = { appointmentId: '7f6f0c1e', integrationId: '9a1c', epoch: 3 };
const timed = (startsAt: string, endsAt: string, timeZone = 'Europe/Paris'): EventTime => ({
  kind: 'timed',
  startsAt,
  endsAt,
  timeZone,
});
const content: EventContent = {
  title: '[Cassius] Suivi — Anne',
  description: 'Notes\nsur deux lignes',
  location: '12 rue de la Paix',
  time: timed('2026-11-21T08:00:00.000Z', '2026-11-21T08:30:00.000Z'),
  availability: 'busy',
  visibility: 'private',
};

/** What Google makes of a body: it adds a version and, for a timed event, renders the times with an offset. */
function stored(body: Record<string, unknown>): GoogleEvent {
  return GoogleEvent.parse({
    kind: 'calendar#event',
    etag: '"1"',
    status: 'confirmed',
    updated: '2026-11-21T08:00:00.000Z',
    ...body,
  });
}

test('an insert carries our id, our fields, our mark and no alarm', () => {
  expect(insertBody(ref, marker, content)).toEqual({
    id: 'cassius0001',
    summary: '[Cassius] Suivi — Anne',
    description: 'Notes\nsur deux lignes',
    location: '12 rue de la Paix',
    start: { dateTime: '2026-11-21T08:00:00.000Z', timeZone: 'Europe/Paris' },
    end: { dateTime: '2026-11-21T08:30:00.000Z', timeZone: 'Europe/Paris' },
    transparency: 'opaque',
    visibility: 'private',
    reminders: { useDefault: false, overrides: [] },
    extendedProperties: {
      private: { cassiusAppointmentId: '7f6f0c1e', cassiusIntegrationId: '9a1c', cassiusEpoch: '3' },
    },
  });
});

test('an insert leaves out what is empty', () => {
  const body = insertBody(ref, marker, { ...content, title: '', description: ' ', location: '' });
  expect(Object.keys(body)).not.toEqual(expect.arrayContaining(['summary']));
  expect(body).not.toHaveProperty('description');
  expect(body).not.toHaveProperty('location');
});

describe('a patch', () => {
  test('carries the changed fields and the mark, nothing else', () => {
    const extendedProperties = {
      private: { cassiusAppointmentId: '7f6f0c1e', cassiusIntegrationId: '9a1c', cassiusEpoch: '3' },
    };
    expect(patchBody(marker, { title: 'Neuf' })).toEqual({ summary: 'Neuf', extendedProperties });
    expect(patchBody(marker, { availability: 'free', visibility: 'normal' }))
      .toEqual({ transparency: 'transparent', visibility: 'default', extendedProperties });
  });

  test('takes a text out by name', () => {
    expect(patchBody(marker, { title: '', description: '', location: '' })).toMatchObject({
      summary: null,
      description: null,
      location: null,
    });
  });

  test('takes the members of the other kind of time out by name, both ways', () => {
    expect(patchBody(marker, { time: content.time })).toMatchObject({
      start: { date: null, dateTime: '2026-11-21T08:00:00.000Z', timeZone: 'Europe/Paris' },
      end: { date: null, dateTime: '2026-11-21T08:30:00.000Z', timeZone: 'Europe/Paris' },
    });
    expect(patchBody(marker, { time: { kind: 'all_day', startDay: '2026-11-21', endDay: '2026-11-22' } }))
      .toMatchObject({
        start: { date: '2026-11-21', dateTime: null, timeZone: null },
        end: { date: '2026-11-22', dateTime: null, timeZone: null },
      });
  });
});

test('no body ever holds guests, a conference, a recurrence, an organizer or a status', () => {
  const anyContent = fc.record({
    title: fc.string(),
    description: fc.string(),
    location: fc.string(),
    time: fc.constantFrom<EventTime>(content.time, { kind: 'all_day', startDay: '2026-11-21', endDay: '2026-11-22' }),
    availability: fc.constantFrom('busy' as const, 'free' as const),
    visibility: fc.constantFrom('normal' as const, 'private' as const),
  });
  const allowed = [
    'id',
    'summary',
    'description',
    'location',
    'start',
    'end',
    'transparency',
    'visibility',
    'reminders',
    'extendedProperties',
  ];
  fc.assert(fc.property(anyContent, (any) => {
    for (const body of [insertBody(ref, marker, any), patchBody(marker, any)]) {
      expect(allowed).toEqual(expect.arrayContaining(Object.keys(body)));
    }
    expect(patchBody(marker, any)).not.toHaveProperty('id');
    expect(patchBody(marker, any)).not.toHaveProperty('reminders');
  }));
});

describe('content comes back as it was normalised', () => {
  test('for any content', () => {
    const instants = fc.tuple(fc.integer({ min: 0, max: 2_000_000_000 }), fc.integer({ min: 1, max: 90_000 }))
      .map(([start, length]) =>
        timed(new Date(start * 1000).toISOString(), new Date((start + length) * 1000).toISOString())
      );
    const days = fc.tuple(fc.integer({ min: 0, max: 40_000 }), fc.integer({ min: 1, max: 30 })).map((
      [start, length],
    ): EventTime => ({
      kind: 'all_day',
      startDay: new Date(start * 86_400_000).toISOString().slice(0, 10),
      endDay: new Date((start + length) * 86_400_000).toISOString().slice(0, 10),
    }));
    const anyContent = fc.record({
      title: fc.string({ unit: 'binary' }),
      description: fc.string({ unit: 'binary' }),
      location: fc.string({ unit: 'binary' }),
      time: fc.oneof(instants, days),
      availability: fc.constantFrom('busy' as const, 'free' as const),
      visibility: fc.constantFrom('normal' as const, 'private' as const),
    });
    fc.assert(fc.property(anyContent, (any) => {
      const body = JSON.parse(JSON.stringify(insertBody(ref, marker, any)));
      expect(observedEvent('Read', ref.calendarId, stored(body))).toEqual({
        ref,
        version: '"1"',
        status: 'confirmed',
        content: normalContent(any),
        marker,
        updatedAt: '2026-11-21T08:00:00.000Z',
      });
    }));
  });

  test('both hours that a fall-back repeats keep their instant', () => {
    for (
      const [startsAt, endsAt, offset] of [
        ['2026-10-25T00:30:00.000Z', '2026-10-25T00:45:00.000Z', '+02:00'],
        ['2026-10-25T01:30:00.000Z', '2026-10-25T01:45:00.000Z', '+01:00'],
      ] as const
    ) {
      const body = insertBody(ref, marker, { ...content, time: timed(startsAt, endsAt) });
      expect(body['start']).toEqual({ dateTime: startsAt, timeZone: 'Europe/Paris' });
      const rendered = stored({
        ...body,
        start: { dateTime: `2026-10-25T02:30:00${offset}`, timeZone: 'Europe/Paris' },
        end: { dateTime: `2026-10-25T02:45:00${offset}`, timeZone: 'Europe/Paris' },
      });
      expect(observedEvent('Read', ref.calendarId, rendered).content?.time).toEqual(timed(startsAt, endsAt));
    }
  });

  test('an all-day event over a change of clocks keeps its days', () => {
    const time: EventTime = { kind: 'all_day', startDay: '2026-03-28', endDay: '2026-03-30' };
    const event = stored(insertBody(ref, marker, { ...content, time }));
    expect(observedEvent('Read', ref.calendarId, event).content?.time).toEqual(time);
  });
});

test('what a person typed in Google is read in its normal form, and a patch writes no other', () => {
  const typed = stored({ ...insertBody(ref, marker, content), summary: ' Le mien ', description: 'a\r\nb\n' });
  expect(observedEvent('Read', 'c', typed).content).toMatchObject({ title: 'Le mien', description: 'a\nb' });
  expect(patchBody(marker, { title: ' Le nôtre\n', description: 'a\r\nb ' })).toMatchObject({
    summary: 'Le nôtre',
    description: 'a\nb',
  });
});

describe('what Google hands back', () => {
  const living = stored({ id: 'x', start: { date: '2026-11-21' }, end: { date: '2026-11-22' } });

  test('may leave out every default', () => {
    expect(observedEvent('Read', 'c', living)).toMatchObject({
      content: { title: '', description: '', location: '', availability: 'busy', visibility: 'normal' },
      marker: null,
      status: 'confirmed',
    });
  });

  test('may hold fields and values that nobody knows yet', () => {
    const event = GoogleEvent.parse({
      ...living,
      status: 'postponed',
      visibility: 'household',
      transparency: 'misty',
      aura: { hue: 3 },
    });
    expect(observedEvent('Read', 'c', event)).toMatchObject({
      status: 'confirmed',
      content: { availability: 'busy', visibility: 'normal' },
    });
  });

  test('may be a bare tombstone', () => {
    expect(observedEvent('Read', 'c', GoogleEvent.parse({ id: 'x', status: 'cancelled' }))).toEqual({
      ref: { calendarId: 'c', eventId: 'x' },
      version: '',
      status: 'cancelled',
      content: null,
      marker: null,
      updatedAt: null,
    });
  });

  test.each([
    ['no start', { start: undefined }],
    ['no end', { end: undefined }],
    ['two kinds of time', { end: { dateTime: '2026-11-22T10:00:00Z' } }],
    ['no version', { etag: undefined }],
    ['an impossible instant', {
      start: { dateTime: '2026-13-45T00:00:00Z' },
      end: { dateTime: '2026-13-45T01:00:00Z' },
    }],
  ])('is not understood with %s', (_, more) => {
    expect(() => observedEvent('Read', 'c', { ...living, ...more })).toThrow(ProviderError);
  });

  test.each([
    [{ start: { dateTime: '2026-11-21T08:00:00', timeZone: 'Europe/Paris' } }],
    [{ start: { date: '21/11/2026' } }],
    [{ id: '' }],
    [{ summary: { text: 'x' } }],
  ])('is not an event: %j', (more) => {
    expect(GoogleEvent.safeParse({ ...living, ...more }).success).toBe(false);
  });

  test.each([
    [{ cassiusAppointmentId: 'a', cassiusIntegrationId: 'b', cassiusEpoch: '2' }, {
      appointmentId: 'a',
      integrationId: 'b',
      epoch: 2,
    }],
    [{ cassiusAppointmentId: 'a', cassiusIntegrationId: 'b', cassiusEpoch: 'two' }, null],
    [{ cassiusAppointmentId: 'a', cassiusEpoch: '2' }, null],
    [{ somebodyElse: 'x' }, null],
  ])('bears our mark only when it is whole: %j', (properties, expected) => {
    const event = stored({ ...living, extendedProperties: { private: properties, shared: { other: 'y' } } });
    expect(observedEvent('Read', 'c', event).marker).toEqual(expected);
  });
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Appointment } from '../../../../supabase/functions/_shared/sync/shared/appointment.ts';
import type { EventDetail, Language } from '../../../../supabase/functions/_shared/vocabulary.ts';
import { eventContent } from '../../../../supabase/functions/_shared/sync/shared/event_content.ts';
import { normalContent as google } from '../../../../supabase/functions/_shared/providers/google/normal_content.ts';
import { normalContent as microsoft } from '../../../../supabase/functions/_shared/providers/microsoft/normal_content.ts';
import { TEXT_LIMITS } from '../../../../supabase/functions/_shared/text.ts';
import { anAppointment, RDV } from '../outbound/lane_world.ts';

const DEFAULT = '[Cassius] {type} — {patient}';
const LINK = `https://app.test/calendar?rdv=${RDV}`;

function shown(
  detail: EventDetail,
  rdv: Partial<Appointment> = {},
  { template = DEFAULT, timezone = 'Europe/Paris', language = 'fr' as Language } = {},
) {
  return eventContent(anAppointment(rdv), {
    rdvId: RDV,
    detail,
    organisation: { timezone, titleTemplate: template, language, defaultDurationMinutes: 30 },
    appBaseUrl: 'https://app.test',
  });
}

/** Everything that a reader of the calendar could see. */
const textOf = (content: ReturnType<typeof shown>) => [content.title, content.description, content.location].join('\n');

// Each kind of value is recognisable wherever it ends up, and none can be part of a template or of a label.
const word = (mark: string) => fc.stringMatching(/^[a-z0-9]{1,12}$/).map((rest) => `${mark}${mark}${rest}`);
const rdv = fc.record({
  type: word('T'),
  act: word('X'),
  notes: word('N'),
  location: word('L'),
  practitionerName: word('D'),
  patient: fc.record({ firstName: word('F'), lastName: word('G') }),
  status: fc.constantFrom('scheduled', 'confirmed', 'completed', 'no_show'),
});
const template = fc.array(
  fc.oneof(
    fc.constantFrom('{type}', '{patient}', '{practitioner}', '{act}', '{location}', '{notes}', '{{act}}', '{ act }'),
    fc.constantFrom(' — ', ' ', '·', '[Cassius] ', '({act})', '$&', '$1', '\u0000'),
  ),
  { maxLength: 12 },
).map((parts) => parts.join(''));

describe('privacy, whatever the appointment and the template', () => {
  test('at initials neither act nor notes nor any name of the patient leaves', () => {
    fc.assert(fc.property(rdv, template, (any, template) => {
      const text = textOf(shown('initials', any, { template }));
      for (const secret of [any.act, any.notes, any.patient.firstName, any.patient.lastName]) {
        expect(text).not.toContain(secret);
      }
    }));
  });

  test('at busy nothing leaves but the hours and the link', () => {
    fc.assert(fc.property(rdv, template, (any, template) => {
      const { title, description, location } = shown('busy', any, { template });
      expect({ title, description, location }).toEqual({ title: 'Occupé', description: LINK, location: '' });
    }));
  });

  test('at every level the event is private, and blocks the time', () => {
    fc.assert(fc.property(rdv, fc.constantFrom<EventDetail>('full', 'initials', 'busy'), (any, detail) => {
      expect(shown(detail, any)).toMatchObject({ visibility: 'private', availability: 'busy' });
    }));
  });
});

describe('the title', () => {
  test.each<[string, Partial<Appointment>, string, string]>([
    ['names type and patient', {}, DEFAULT, '[Cassius] Bilan — Jeanne Dupont'],
    ['leaves out what is missing, and what joined it', { type: null }, DEFAULT, '[Cassius] Jeanne Dupont'],
    ['leaves out a missing end', { location: null }, '{type} — {location}', 'Bilan'],
    ['leaves out a missing middle', { act: null }, '{type} — {act} — {patient}', 'Bilan — Jeanne Dupont'],
    ['leaves out brackets around nothing', { act: null }, '{type} ({act})', 'Bilan'],
    ['does not read a value as a template', { type: '{patient}' }, '{type}', '{patient}'],
    ['does not read a value as a replacement', { type: '$& $1' }, '{type}', '$& $1'],
    ['keeps what it does not know', {}, '{type} {room}', 'Bilan {room}'],
    ['is never empty', { type: null }, '{type}', 'Rendez-vous'],
    ['keeps separators that a value begins with', { act: null, type: '- x' }, '{act} - {type}', '- x'],
    ['knows a patient with one name', { patient: { firstName: null, lastName: ' Dupont ' } }, '{patient}', 'Dupont'],
  ])('%s', (_promise, change, template, title) => {
    expect(shown('full', change, { template }).title).toBe(title);
  });

  test('shows initials, of names with accents and outside the alphabet too', () => {
    const title = (firstName: string, lastName: string) =>
      shown('initials', { patient: { firstName, lastName } }, { template: '{patient}' }).title;
    expect(title('élodie', 'Dupont')).toBe('É. D.');
    expect(title('𝒜da', '李')).toBe('𝒜. 李.');
  });

  test('is never longer than a calendar takes, and never broken in the middle of a character', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1000, maxLength: 1200 }), (type) => {
        const { title } = shown('full', { type }, { template: '{type}' });
        expect(title.length).toBeLessThanOrEqual(1024);
        expect(title.isWellFormed()).toBe(true);
      }),
      { numRuns: 30 },
    );
  });
});

describe('the rest', () => {
  test('says who, what and where to go, at full', () => {
    const { description, location } = shown('full', { act: 'Couronne', notes: ' Allergie ', location: 'Salle 1' });
    expect(description).toBe(`Praticien : Dr Martin\nActe : Couronne\nAllergie\n\n${LINK}`);
    expect(location).toBe('Salle 1');
  });

  test('is in the practice’s language, not in the reader’s; what people wrote stays as they wrote it', () => {
    const english = (detail: EventDetail, rdv: Partial<Appointment> = {}) =>
      shown(detail, rdv, { template: '{type}', language: 'en' });
    expect(english('busy').title).toBe('Busy');
    expect(english('full', { type: null }).title).toBe('Appointment');
    const { title, description } = english('full', { act: 'Couronne', notes: 'Allergie' });
    expect(title).toBe('Bilan');
    expect(description).toBe(`Practitioner: Dr Martin\nTreatment: Couronne\nAllergie\n\n${LINK}`);
  });

  test.each([
    ['pictures', '🩺', '🩺'],
    ['what HTML writes longer', '<&>', '<&>'],
    ['mark-up', '<b>x</b>', '<b>x</b>'],
    ['addresses in brackets', 'a<tel:+33123>', 'a (+33123)'],
    ['line ends', 'a\n', 'a'],
  ])('keeps the link whole: of notes full of %s the end is cut, and no calendar cuts more', (_, run, kept) => {
    const { description } = shown('full', { notes: `a${run.repeat(5_000)}fin`, act: run.repeat(5_000) });
    expect(description.endsWith(`\n\n${LINK}`)).toBe(true);
    expect(description.isWellFormed()).toBe(true);
    expect(description.length).toBeLessThanOrEqual(TEXT_LIMITS.ownDescription);
    const content = { ...shown('full'), description };
    expect(google(content).description).toBe(description);
    expect(microsoft(content).description.endsWith(`\n\n${LINK}`)).toBe(true);
    expect(microsoft(content).description).toContain(kept);
  });

  test('takes the room that there is for it', () => {
    const { description } = shown('full', { notes: 'é'.repeat(10_000) });
    expect(description).toHaveLength(TEXT_LIMITS.ownDescription);
  });

  test('is the link alone where there is nothing to say', () => {
    expect(shown('full', { practitionerName: ' ' }).description).toBe(LINK);
  });

  test('F15: the hours are instants in the practice’s zone, on both sides of a change of clocks', () => {
    for (
      const [startsAt, instant] of [
        ['2026-03-29T01:30:00+01:00', '2026-03-29T00:30:00.000Z'],
        ['2026-03-29T03:30:00+02:00', '2026-03-29T01:30:00.000Z'],
        ['2026-10-25T02:30:00+02:00', '2026-10-25T00:30:00.000Z'],
        ['2026-10-25T02:30:00+01:00', '2026-10-25T01:30:00.000Z'],
      ] as const
    ) {
      const { time } = shown('full', { startsAt, endsAt: null }, { timezone: 'America/Montreal' });
      expect(time).toMatchObject({ kind: 'timed', startsAt: instant, timeZone: 'America/Montreal' });
    }
  });
});

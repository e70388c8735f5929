/** What an appointment looks like in a calendar, at the level of detail that its owner chose. */
import { SyncError } from '../../errors.ts';
import type { EventContent } from '../../providers/port/content.ts';
import { cutEscaped, storable, TEXT_LIMITS } from '../../text.ts';
import type { EventDetail } from '../../vocabulary.ts';
import type { Appointment, Organisation } from './appointment.ts';
import { appointmentTime } from './appointment_time.ts';
import { EVENT_WORDS } from './event_words.ts';

/** As the database has it. */
const TEMPLATE_LENGTH = 300;
const EMPTY = '\u0000';
const SEPARATORS = '[-–—|·•:,;/]+';

export interface ContentOptions {
  readonly rdvId: string;
  readonly detail: EventDetail;
  readonly organisation: Organisation;
  /** Without a slash at its end. */
  readonly appBaseUrl: string;
}

/** Throws `INVALID_EVENT` for times that make no event. The patient's name never leaves below `full`. */
export function eventContent(rdv: Appointment, options: ContentOptions): EventContent {
  const { detail, organisation } = options;
  const time = appointmentTime(rdv, organisation);
  if (time === null) throw new SyncError('INVALID_EVENT', 'Describe event: it does not end after it starts');
  return {
    title: title(rdv, detail, organisation),
    description: description(rdv, options),
    location: detail === 'busy' ? '' : storable(rdv.location ?? '', TEXT_LIMITS.location),
    time,
    availability: 'busy',
    visibility: 'private',
  };
}

function title(rdv: Appointment, detail: EventDetail, { titleTemplate, language }: Organisation): string {
  const words = EVENT_WORDS[language];
  if (detail === 'busy') return words.busy;
  const values = new Map([
    ['type', rdv.type],
    ['patient', patientName(rdv, detail)],
    ['practitioner', rdv.practitionerName],
    ['act', detail === 'full' ? rdv.act : null],
    ['location', rdv.location],
  ]);
  const value = (name: string) => storable(values.get(name) ?? '', TEXT_LIMITS.title).trim();
  // Only the template is searched for separators: what is long, and what others wrote, comes in afterwards.
  const known = withoutEmpty(
    storable(titleTemplate, TEMPLATE_LENGTH).replace(PLACEHOLDER, (whole, name: string) => value(name) ? whole : EMPTY),
  );
  const filled = known.replace(PLACEHOLDER, (_, name: string) => value(name)).replace(/\s+/g, ' ').trim();
  return storable(filled, TEXT_LIMITS.title) || words.appointment;
}

const PLACEHOLDER = /\{(type|patient|practitioner|act|location)\}/g;

/** Takes empty values away together with the separator that led to them. */
function withoutEmpty(template: string): string {
  return template
    .replace(new RegExp(`[([{]\\s*${EMPTY}\\s*[)\\]}]`, 'g'), EMPTY)
    .replace(new RegExp(`${EMPTY}\\s*${SEPARATORS}\\s*`, 'g'), '')
    .replace(new RegExp(`\\s*${SEPARATORS}\\s*${EMPTY}`, 'g'), '')
    .replaceAll(EMPTY, '');
}

function patientName({ patient }: Appointment, detail: EventDetail): string {
  const names = [patient?.firstName, patient?.lastName].map(named).filter((name) => name !== '');
  if (detail === 'full') return names.join(' ');
  return names.map((name) => `${[...name][0]?.toUpperCase()}.`).join(' ');
}

function named(name: string | null | undefined): string {
  return storable(name ?? '', TEXT_LIMITS.name).trim();
}

/** The link comes last and whole: where there is too much to say, the notes are cut. */
function description(rdv: Appointment, { rdvId, detail, organisation, appBaseUrl }: ContentOptions): string {
  const link = `${appBaseUrl}/calendar?rdv=${rdvId}`;
  if (detail === 'busy') return link;
  const [practitioner, act, notes] = [rdv.practitionerName, rdv.act, rdv.notes]
    .map((text) => storable(text ?? '', TEXT_LIMITS.description).trim());
  const words = EVENT_WORDS[organisation.language];
  const lines: string[] = [];
  if (practitioner) lines.push(`${words.practitioner}${practitioner}`);
  if (detail === 'full' && act) lines.push(`${words.act}${act}`);
  if (detail === 'full' && notes) lines.push(notes);
  if (lines.length === 0) return link;
  const end = `\n\n${link}`;
  return cutEscaped(lines.join('\n'), TEXT_LIMITS.ownDescription - end.length).trimEnd() + end;
}

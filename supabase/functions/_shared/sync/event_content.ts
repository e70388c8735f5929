/** What an appointment looks like in a calendar, at the level of detail that its owner chose. */
import { SyncError } from '../errors.ts';
import type { EventContent } from '../providers/calendar_provider.ts';
import type { Appointment, EventDetail, Organisation } from './appointment.ts';

const TITLE_LENGTH = 1024;
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
  const startsAt = Date.parse(rdv.startsAt ?? '');
  const endsAt = rdv.endsAt === null ? startsAt + organisation.defaultDurationMinutes * 60_000 : Date.parse(rdv.endsAt);
  if (!(endsAt > startsAt)) throw new SyncError('INVALID_EVENT', 'Describe event: it does not end after it starts');
  return {
    title: title(rdv, detail, organisation.titleTemplate),
    description: description(rdv, options),
    location: detail === 'busy' ? '' : rdv.location ?? '',
    time: {
      kind: 'timed',
      startsAt: new Date(startsAt).toISOString(),
      endsAt: new Date(endsAt).toISOString(),
      timeZone: organisation.timezone,
    },
    availability: 'busy',
    visibility: 'private',
  };
}

function title(rdv: Appointment, detail: EventDetail, template: string): string {
  if (detail === 'busy') return 'Occupé';
  const values = new Map([
    ['type', rdv.type],
    ['patient', patientName(rdv, detail)],
    ['practitioner', rdv.practitionerName],
    ['act', detail === 'full' ? rdv.act : null],
    ['location', rdv.location],
  ]);
  const filled = template.replaceAll(EMPTY, '').replace(
    /\{(type|patient|practitioner|act|location)\}/g,
    (_, name: string) => values.get(name)?.replaceAll(EMPTY, '').trim() || EMPTY,
  );
  return withoutEmpty(filled).slice(0, TITLE_LENGTH).toWellFormed() || 'Rendez-vous';
}

/** Takes empty values away together with the separator that led to them. */
function withoutEmpty(text: string): string {
  return text
    .replace(new RegExp(`[([{]\\s*${EMPTY}\\s*[)\\]}]`, 'g'), EMPTY)
    .replace(new RegExp(`${EMPTY}\\s*${SEPARATORS}\\s*`, 'g'), '')
    .replace(new RegExp(`\\s*${SEPARATORS}\\s*${EMPTY}`, 'g'), '')
    .replaceAll(EMPTY, '')
    .replace(/\s+/g, ' ')
    .trim();
}

function patientName({ patient }: Appointment, detail: EventDetail): string {
  const names = [patient?.firstName, patient?.lastName].map((name) => name?.trim() ?? '').filter((name) => name !== '');
  if (detail === 'full') return names.join(' ');
  return names.map((name) => `${[...name][0]?.toUpperCase()}.`).join(' ');
}

function description(rdv: Appointment, { rdvId, detail, appBaseUrl }: ContentOptions): string {
  const link = `${appBaseUrl}/calendar?rdv=${rdvId}`;
  if (detail === 'busy') return link;
  const lines: string[] = [];
  if (rdv.practitionerName?.trim()) lines.push(`Praticien : ${rdv.practitionerName.trim()}`);
  if (detail === 'full' && rdv.act?.trim()) lines.push(`Acte : ${rdv.act.trim()}`);
  if (detail === 'full' && rdv.notes?.trim()) lines.push(rdv.notes.trim());
  return lines.length === 0 ? link : [...lines, '', link].join('\n');
}

/** A conflict in sentences. */
import type { ConflictAction } from '../../../supabase/functions/_shared/vocabulary.ts';
import { providerOf } from '../providers.ts';
import { locale, sayDate } from '../words/i18n.ts';
import { addDays, instantToWall } from '../../../supabase/functions/_shared/zoned_time.ts';
import type { ConflictRow, Content, Time } from './conflict.ts';
import { isManifold, overlapsOf, versionsOf } from './conflict.ts';
import type { Subject } from './conflicts.ts';
import { effectsOf } from './decision.ts';
import type { Field } from './differences.ts';
import { words } from './words.ts';

const day = new Intl.DateTimeFormat(locale, {
  timeZone: 'UTC',
  weekday: 'short',
  day: 'numeric',
  month: 'long',
  year: 'numeric',
});
const moment = new Intl.DateTimeFormat(locale, {
  timeZone: 'UTC',
  weekday: 'short',
  day: 'numeric',
  month: 'long',
  hour: '2-digit',
  minute: '2-digit',
});

export function accountOf({ source }: Pick<ConflictRow, 'source'>): string {
  return providerOf(source)?.account ?? source;
}

/** On the practice's clock; empty for what is no time. */
export function timeText(time: Time, zone: string): string {
  const at = (instant: string) => new Date(`${instantToWall(instant, zone)}:00Z`);
  try {
    if (time.kind === 'timed') {
      const start = at(time.startsAt);
      return sayDate(!time.endsAt ? moment.format(start) : moment.formatRange(start, at(time.endsAt)));
    }
    const last = addDays(time.endDay, -1);
    const first = new Date(`${time.startDay}T00:00:00Z`);
    const days = last > time.startDay ? day.formatRange(first, new Date(`${last}T00:00:00Z`)) : day.format(first);
    return `${sayDate(days)}, ${words.value.allDay}`;
  } catch {
    return '';
  }
}

export function valueText(field: Field, value: Content[Field], zone: string): string {
  if (value === null || value === undefined || value === '') return words.value.empty;
  if (typeof value === 'object') return timeText(value, zone) || words.value.unknown;
  if (field === 'availability' || field === 'visibility') {
    return value === 'busy' || value === 'free' || value === 'normal' || value === 'private'
      ? words.value[value]
      : value;
  }
  return value;
}

/** Whose appointment it is, or what it is called, and when. */
export function appointmentText({ patient, type, starts_at, ends_at }: Subject, zone: string): string {
  const name = patient === null ? '' : `${patient.first_name} ${patient.last_name}`.trim();
  const time = starts_at && timeText({ kind: 'timed', startsAt: starts_at, endsAt: ends_at }, zone);
  return [name || type, time].filter(Boolean).join(', ');
}

/** What it is about: the patient, else the kind of appointment, else what the event is called. */
export function subjectText(conflict: ConflictRow, appointment: Subject | undefined): string {
  if (conflict.reason === 'mass_change') return words.reason.mass_change;
  if (isManifold(conflict)) {
    const { events, count } = overlapsOf(conflict);
    return events > 1 ? words.overlaps.subject(events, count) : versionsOf(conflict).calendar?.title || words.noTitle;
  }
  const { cassius, calendar } = versionsOf(conflict);
  const patient = appointment?.patient;
  return (patient && `${patient.first_name} ${patient.last_name}`.trim()) || appointment?.type || cassius?.title ||
    calendar?.title || words.noTitle;
}

export function reasonText(conflict: ConflictRow): string {
  const account = accountOf(conflict);
  if (conflict.reason === 'deleted' || conflict.reason === 'restored') return words.reason[conflict.reason](account);
  if (conflict.reason !== 'changed_both_sides') return words.reason[conflict.reason];
  return versionsOf(conflict).changedBy === 'calendar'
    ? words.reason.changed_in_calendar(account)
    : words.reason.changed_both_sides;
}

export function whatText(conflict: ConflictRow, zone: string): string {
  const account = accountOf(conflict);
  const { changedBy, calendar, cassius, returns } = versionsOf(conflict);
  if (isManifold(conflict)) {
    const { events, count } = overlapsOf(conflict);
    return words.overlaps.what(account, events, count);
  }
  if (conflict.reason === 'time_overlap') return words.what.time_overlap(account);
  if (conflict.reason === 'restored') {
    const event = [calendar?.title && `« ${calendar.title} »`, calendar?.time && timeText(calendar.time, zone)]
      .filter(Boolean).join(', ');
    return returns === true || !cassius
      ? words.what.restored(account, event)
      : words.what.restoredBeside(account, event);
  }
  if (conflict.reason === 'deleted') {
    return changedBy === 'both' ? words.what.deletedBoth(account) : words.what.deleted(account);
  }
  return changedBy === 'calendar' ? words.what.calendar(account) : words.what.both(account);
}

/** @param conflicts at least one; what they are called together where it is not the same for all */
export function actionText(action: ConflictAction, conflicts: readonly ConflictRow[]): string {
  const accounts = [...new Set(conflicts.map(accountOf))].join(', ');
  const [effects, ...others] = new Set(conflicts.map(effectsOf));
  if (effects !== undefined && others.length === 0) return words.label[effects][action](accounts);
  return action === 'keep_calendar' ? words.action.keep_calendar(accounts) : words.action[action];
}

export function effectText(conflict: ConflictRow, action: ConflictAction): string {
  return words.effect[effectsOf(conflict)][action](accountOf(conflict));
}

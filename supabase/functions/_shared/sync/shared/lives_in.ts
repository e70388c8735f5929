import type { EventLink } from './appointment.ts';

type Place = Pick<EventLink, 'calendarId' | 'targetCalendarId'>;

/**
 * What a link says of its event's place once the event is found in a calendar: that a person moved it is remembered beside
 * the target that it was written for, so that only a new target takes it away from there.
 */
export function livesIn(link: Place | null, calendarId: string, target: string | null) {
  const at = (targetCalendarId: string | null) => ({ calendarId, targetCalendarId });
  if (link === null || calendarId === target) return at(null);
  if (calendarId === link.calendarId) return at(link.targetCalendarId);
  return at(link.calendarId === target ? target : link.targetCalendarId ?? link.calendarId);
}

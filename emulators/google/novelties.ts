/** Fields and values that Google may add tomorrow: a client must get along with them. */
import { isObject } from './answers.ts';

/** A copy of a resource with an unknown field on every level of interest, and unknown values where they do no harm. */
export function addNovelties(schema: string, body: unknown): unknown {
  if (!isObject(body)) return body;
  const grown: Record<string, unknown> = { ...body, futureField: { nested: ['value'] } };
  // Google's guide prints it as a number, the facts say text.
  if (schema === 'Channel') grown.expiration = Number(body.expiration);
  if (Array.isArray(body.items)) {
    const items = body.items.map((item) => addNovelties(schema === 'Events' ? 'Event' : 'CalendarListEntry', item));
    grown.items = items;
    if (schema === 'CalendarList') grown.items = [...items, novelCalendar(items.find(isObject))];
  }
  if (schema !== 'Event' || body.status === 'cancelled') return grown;
  if (isObject(body.start)) grown.start = { ...body.start, futureField: 1 };
  if (Array.isArray(body.attendees)) {
    grown.attendees = body.attendees.filter(isObject).map((attendee) => ({
      ...attendee,
      ...(attendee.self === true ? {} : { responseStatus: 'futureStatus' }),
    }));
  }
  if (isObject(body.reminders)) {
    grown.reminders = { ...body.reminders, overrides: [{ method: 'futureMethod', minutes: 5 }] };
  }
  return { ...grown, eventType: 'futureType' };
}

function novelCalendar(model: Record<string, unknown> | undefined): Record<string, unknown> {
  const { primary: _primary, ...entry } = model ?? {};
  return { ...entry, id: 'future@group.calendar.google.com', summary: 'Future', accessRole: 'futureRole' };
}

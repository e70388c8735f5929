/** Which handler answers which method. */
import type { Answer } from '../core/answers.ts';
import { calendarOfEvent, getCalendar, listCalendars } from './calendars.ts';
import { listChanges } from './delta.ts';
import { getEvent, listEvents, listInstances, listView } from './event_reads.ts';
import { cancelEvent, deleteEvent, insertEvent, patchEvent } from './event_writes.ts';
import { getMe, listZones, translateIds } from './me.ts';
import type { Call } from './scene.ts';
import type { Session } from './session.ts';

/** Hands a call to what answers it. */
export function dispatch(call: Call, { tokens, subscriptions }: Session): Answer | Promise<Answer> {
  switch (call.method.name) {
    case 'events.insert':
      return insertEvent(call);
    case 'events.get':
      return getEvent(call);
    case 'events.calendar':
      return calendarOfEvent(call);
    case 'events.patch':
      return patchEvent(call);
    case 'events.delete':
      return deleteEvent(call);
    case 'events.cancel':
      return cancelEvent(call);
    case 'events.list':
      return listEvents(call);
    case 'events.view':
      return listView(call);
    case 'events.instances':
      return listInstances(call);
    case 'events.delta':
      return listChanges(call, tokens);
    case 'calendars.list':
      return listCalendars(call);
    case 'calendars.get':
      return getCalendar(call);
    case 'me.get':
      return getMe(call);
    case 'ids.translate':
      return translateIds(call);
    case 'zones.list':
      return listZones(call);
    default:
      return subscriptions.answer(call);
  }
}

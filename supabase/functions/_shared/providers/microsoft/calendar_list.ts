import { z } from 'zod';
import { storable } from '../../text.ts';
import { ForeignId, foreignName } from '../boundary.ts';
import type { ConnectionHandle } from '../port/account.ts';
import type { CalendarInfo } from '../port/calendar.ts';
import type { GraphClient } from './client.ts';
import { allPages } from './pages.ts';

const CalendarEntry = z.object({
  id: ForeignId,
  name: z.string().nullish(),
  isDefaultCalendar: z.boolean().nullish(),
  canEdit: z.boolean().nullish(),
  hexColor: z.string().nullish(),
});

const LONGEST_COLOR = 32;

export async function listCalendars(
  client: GraphClient,
  handle: ConnectionHandle,
  now: () => number,
): Promise<CalendarInfo[]> {
  const entries = await allPages(client, handle, CalendarEntry, now, {
    method: 'GET',
    path: '/me/calendars',
    asked: {
      operation: 'List calendars',
      missing: 'UNEXPECTED_RESPONSE',
      invalid: 'UNEXPECTED_RESPONSE',
      denied: 'PERMISSION_DENIED',
    },
  });
  return entries.map((entry) => ({
    id: entry.id,
    name: foreignName(entry.name) ?? entry.id,
    primary: entry.isDefaultCalendar ?? false,
    canWrite: entry.canEdit ?? false,
    // Graph's calendars have none: the mailbox does.
    timeZone: null,
    // Empty until the person picks one.
    color: storable(entry.hexColor ?? '', LONGEST_COLOR) || null,
  }));
}

import { z } from 'zod';
import { ForeignId, foreignName, foreignZone } from '../boundary.ts';
import type { ConnectionHandle } from '../port/account.ts';
import type { CalendarInfo } from '../port/calendar.ts';
import { storable } from '../../text.ts';
import type { CalendarClient } from './client.ts';
import { allPages } from './pages.ts';

const CalendarEntry = z.object({
  id: ForeignId,
  summary: z.string().nullish(),
  summaryOverride: z.string().nullish(),
  primary: z.boolean().nullish(),
  deleted: z.boolean().nullish(),
  accessRole: z.string().nullish(),
  timeZone: z.string().nullish(),
  backgroundColor: z.string().nullish(),
});

const LONGEST_COLOR = 32;

/** `writerWithoutPrivateAccess` is left out: private events are refused there, and ours can be private. */
const WRITING_ROLES = new Set(['owner', 'writer']);

export async function listCalendars(
  client: CalendarClient,
  handle: ConnectionHandle,
  now: () => number,
): Promise<CalendarInfo[]> {
  const entries = await allPages(client, handle, 'calendar#calendarList', CalendarEntry, now, {
    method: 'GET',
    path: '/users/me/calendarList',
    query: { maxResults: '250' },
    asked: { operation: 'List calendars', missing: 'UNEXPECTED_RESPONSE', invalid: 'UNEXPECTED_RESPONSE' },
  });
  return entries.filter((entry) => !entry.deleted).map((entry) => ({
    id: entry.id,
    name: foreignName(entry.summaryOverride) ?? foreignName(entry.summary) ?? entry.id,
    primary: entry.primary ?? false,
    canWrite: WRITING_ROLES.has(entry.accessRole ?? ''),
    timeZone: entry.timeZone ? foreignZone(entry.timeZone) : null,
    color: entry.backgroundColor ? storable(entry.backgroundColor, LONGEST_COLOR) : null,
  }));
}

import type { CalendarLimits } from '../port/calendar.ts';
import type { OAuthProvider, ProviderRuntime } from '../port/provider.ts';
import { listCalendars } from './calendar_list.ts';
import { pullChanges } from './changes.ts';
import { calendarClient } from './client.ts';
import type { GoogleConfig } from './config.ts';
import { getEvent, probeCalendar, readEvent } from './event_reads.ts';
import { writeEvents } from './event_writes.ts';
import { locate } from './locate.ts';
import { normalContent } from './normal_content.ts';
import { parseNotification } from './notification.ts';
import { googleOauth } from './oauth.ts';
import { occurrence } from './occurrence.ts';
import { MAX_LIFETIME_SECONDS, startWatch, stopWatch } from './watch.ts';

/**
 * Units a minute and account, and calls in a batch.
 *
 * @see https://developers.google.com/workspace/calendar/api/guides/quota
 * @see https://developers.google.com/workspace/calendar/api/guides/batch
 */
const LIMITS: CalendarLimits = {
  // Quick successive writes to one calendar are throttled whatever the quota.
  maxParallel: 1,
  // Google allows 1000; larger batches run into rate limits.
  maxBatch: 50,
  cost: { create: 1, patch: 3, delete: 1, read: 1, locate: 5 },
  unitsPerMinute: 600,
  projectUnitsPerMinute: 10_000,
};

/** Google Calendar behind the port. */
export function googleProvider(config: GoogleConfig, runtime: ProviderRuntime): OAuthProvider {
  const client = calendarClient(config, runtime);
  const { now } = runtime;
  return {
    name: 'google',
    oauth: googleOauth(config, runtime),
    calendar: {
      limits: LIMITS,
      keepsDeleted: true,
      listCalendars: (handle) => listCalendars(client, handle, now),
      probeCalendar: (handle, calendarId) => probeCalendar(client, handle, calendarId, now),
      normalize: normalContent,
      write: (handle, operations) => writeEvents(client, handle, operations, { maxBatch: LIMITS.maxBatch, now }),
      getEvent: (handle, ref) => getEvent(client, handle, ref, now),
      locate: (handle, refs) => locate(client, handle, refs, { maxBatch: LIMITS.maxBatch, now }),
      occurrence: (handle, calendarId, place) => occurrence(client, handle, calendarId, place, now),
      readEvent: (handle, ref) => readEvent(client, handle, ref, now),
      pullChanges: (handle, request) => pullChanges(client, handle, request, now),
    },
    notices: {
      maxLifetimeSeconds: MAX_LIFETIME_SECONDS,
      startWatch: (handle, request) => startWatch(client, handle, request, now),
      renewWatch: null,
      stopWatch: (handle, watch) => stopWatch(client, handle, watch, now),
      parseNotification,
    },
  };
}

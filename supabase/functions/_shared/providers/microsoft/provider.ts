import type { CalendarLimits } from '../port/calendar.ts';
import type { OAuthProvider, ProviderRuntime } from '../port/provider.ts';
import { listCalendars } from './calendar_list.ts';
import { pullChanges } from './changes.ts';
import { graphClient, MAX_BATCH } from './client.ts';
import type { MicrosoftConfig } from './config.ts';
import { getEvent, probeCalendar, readEvent } from './event_reads.ts';
import { writeEvents } from './event_writes.ts';
import { locate } from './locate.ts';
import { normalContent } from './normal_content.ts';
import { parseNotification } from './notification.ts';
import { microsoftOauth } from './oauth.ts';
import { occurrence } from './occurrence.ts';
import { MAX_LIFETIME_SECONDS, renewWatch, startWatch, stopWatch } from './watch.ts';

/**
 * Of the Outlook service, for an app and a mailbox.
 *
 * @see https://learn.microsoft.com/en-us/graph/throttling-limits
 */
const LIMITS: CalendarLimits = {
  // For one app and mailbox.
  maxParallel: 4,
  maxBatch: MAX_BATCH,
  // A change takes a look at the event and one into its calendar first, a read the second too.
  cost: { create: 1, patch: 3, delete: 3, read: 2, locate: 7 },
  // 10,000 requests in ten minutes, batched ones singly.
  unitsPerMinute: 1000,
  projectUnitsPerMinute: null,
};

/** Outlook's calendars behind the port, by the identity platform and Graph. */
export function microsoftProvider(config: MicrosoftConfig, runtime: ProviderRuntime): OAuthProvider {
  const client = graphClient(config, runtime);
  const { now } = runtime;
  return {
    name: 'microsoft',
    oauth: microsoftOauth(config, runtime),
    calendar: {
      limits: LIMITS,
      keepsDeleted: false,
      listCalendars: (handle) => listCalendars(client, handle, now),
      probeCalendar: (handle, calendarId) => probeCalendar(client, handle, calendarId, now),
      normalize: normalContent,
      write: (handle, operations) => writeEvents(client, handle, operations, now),
      getEvent: (handle, ref) => getEvent(client, handle, ref, now),
      locate: (handle, refs) => locate(client, handle, refs, now),
      occurrence: (handle, calendarId, place) => occurrence(client, handle, calendarId, place, now),
      readEvent: (handle, ref) => readEvent(client, handle, ref, now),
      pullChanges: (handle, request) => pullChanges(client, handle, request, now),
    },
    notices: {
      maxLifetimeSeconds: MAX_LIFETIME_SECONDS,
      startWatch: (handle, request) => startWatch(client, handle, request, now),
      renewWatch: (handle, watch, lifetimeSeconds) => renewWatch(client, handle, watch, lifetimeSeconds, now),
      stopWatch: (handle, watch) => stopWatch(client, handle, watch, now),
      parseNotification,
    },
  };
}

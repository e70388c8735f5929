import type { CalendarProvider, Capabilities, ProviderRuntime } from '../calendar_provider.ts';
import { listCalendars } from './calendar_list.ts';
import { pullChanges } from './changes.ts';
import { findByMarker, getEvent, listEvents, probeCalendar, readEvent } from './event_reads.ts';
import { writeEvents } from './event_writes.ts';
import { graphClient, MAX_BATCH } from './client.ts';
import type { MicrosoftConfig } from './config.ts';
import { microsoftOauth } from './oauth.ts';
import { normalContent } from './normal_content.ts';
import { parseNotification } from './notification.ts';
import { MAX_LIFETIME_SECONDS, renewWatch, startWatch, stopWatch } from './watch.ts';

const CAPABILITIES: Capabilities = {
  provider: 'microsoft',
  idempotentCreate: true,
  // Seen to hold, not documented for events.
  conditionalWrite: 'best_effort',
  incremental: 'fixed_window',
  markerInIncremental: false,
  push: { kind: 'renewable', maxLifetimeSeconds: MAX_LIFETIME_SECONDS },
  canRevoke: false,
  // For one app and mailbox.
  maxParallel: 4,
  maxBatch: MAX_BATCH,
  // A change takes a look at the event and one into its calendar first, a read the second too.
  cost: { create: 1, patch: 3, delete: 3, read: 2 },
  // 10,000 requests in ten minutes, batched ones singly.
  unitsPerMinute: 1000,
};

/** Outlook's calendars behind the port, by the identity platform and Graph. */
export function microsoftProvider(config: MicrosoftConfig, runtime: ProviderRuntime): CalendarProvider {
  const client = graphClient(config, runtime);
  const oauth = microsoftOauth(config, runtime);
  const { now } = runtime;
  return {
    capabilities: () => CAPABILITIES,
    authorizationUrl: (request) => oauth.authorizationUrl(request),
    completeAuthorization: (answer) => oauth.completeAuthorization(answer),
    refresh: (refreshToken) => oauth.refresh(refreshToken),
    // There is no such request; people withdraw their consent in their account's own pages.
    revoke: () => Promise.resolve('unsupported'),
    listCalendars: (handle) => listCalendars(client, handle, now),
    probeCalendar: (handle, calendarId) => probeCalendar(client, handle, calendarId, now),
    normalize: normalContent,
    write: (handle, operations) => writeEvents(client, handle, operations, now),
    getEvent: (handle, ref) => getEvent(client, handle, ref, now),
    findByMarker: (handle, calendarId, appointmentId) => findByMarker(client, handle, calendarId, appointmentId, now),
    listEvents: (handle, request) => listEvents(client, handle, request, now),
    readEvent: (handle, ref) => readEvent(client, handle, ref, now),
    pullChanges: (handle, request) => pullChanges(client, handle, request, now),
    startWatch: (handle, request) => startWatch(client, handle, request, now),
    renewWatch: (handle, watch, lifetimeSeconds) => renewWatch(client, handle, watch, lifetimeSeconds, now),
    stopWatch: (handle, watch) => stopWatch(client, handle, watch, now),
    parseNotification,
  };
}

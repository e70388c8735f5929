import type { CalendarProvider, Capabilities, ProviderRuntime } from '../calendar_provider.ts';
import { calendarClient } from './client.ts';
import { listCalendars } from './calendar_list.ts';
import { pullChanges } from './changes.ts';
import { listEvents } from './event_list.ts';
import { findByMarker, getEvent, probeCalendar, readEvent } from './event_reads.ts';
import { writeEvents } from './event_writes.ts';
import type { GoogleConfig } from './config.ts';
import { googleOauth } from './oauth.ts';
import { normalContent } from './normal_content.ts';
import { parseNotification } from './notification.ts';
import { startWatch, stopWatch } from './watch.ts';

const CAPABILITIES: Capabilities = {
  provider: 'google',
  idempotentCreate: true,
  conditionalWrite: 'yes',
  incremental: 'whole_calendar',
  markerInIncremental: true,
  push: { kind: 'recreate', maxLifetimeSeconds: 604_800 },
  canRevoke: true,
  // Quick successive writes to one calendar are throttled whatever the quota.
  maxParallel: 1,
  // Google allows 1000; larger batches run into rate limits.
  maxBatch: 50,
  cost: { create: 1, patch: 3, delete: 1, read: 1 },
  unitsPerMinute: 600,
};

/** Google Calendar behind the port. */
export function googleProvider(config: GoogleConfig, runtime: ProviderRuntime): CalendarProvider {
  const client = calendarClient(config, runtime);
  const oauth = googleOauth(config, runtime);
  const { now } = runtime;
  return {
    capabilities: () => CAPABILITIES,
    authorizationUrl: (request) => oauth.authorizationUrl(request),
    completeAuthorization: (answer) => oauth.completeAuthorization(answer),
    refresh: (refreshToken) => oauth.refresh(refreshToken),
    revoke: (token) => oauth.revoke(token),
    listCalendars: (handle) => listCalendars(client, handle, now),
    probeCalendar: (handle, calendarId) => probeCalendar(client, handle, calendarId, now),
    normalize: normalContent,
    write: (handle, operations) => writeEvents(client, handle, operations, { maxBatch: CAPABILITIES.maxBatch, now }),
    getEvent: (handle, ref) => getEvent(client, handle, ref, now),
    findByMarker: (handle, calendarId, appointmentId) => findByMarker(client, handle, calendarId, appointmentId, now),
    listEvents: (handle, request) => listEvents(client, handle, request, now),
    readEvent: (handle, ref) => readEvent(client, handle, ref, now),
    pullChanges: (handle, request) => pullChanges(client, handle, request, now),
    startWatch: (handle, request) => startWatch(client, handle, request, now),
    renewWatch: () => Promise.resolve('recreate'),
    stopWatch: (handle, watch) => stopWatch(client, handle, watch, now),
    parseNotification,
  };
}

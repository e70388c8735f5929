/** Meet links, created the way Google does: the request first answers "pending", the next read shows the link. */
import { isObject } from './answers.ts';
import type { StoredEvent } from './world.ts';

/** Takes note of a new `createRequest`; drops the link together with the data. */
export function applyConference(event: StoredEvent): void {
  const data = event.body.conferenceData;
  if (!isObject(data)) {
    delete event.body.hangoutLink;
    return;
  }
  const request = data.createRequest;
  if (!isObject(request) || data.entryPoints !== undefined || isObject(request.status)) return;
  event.body.conferenceData = { createRequest: { ...request, status: { statusCode: 'pending' } } };
}

/** Fulfils a pending request; true if the event changed. */
export function settleConference(event: StoredEvent): boolean {
  const data = event.body.conferenceData;
  const request = isObject(data) ? data.createRequest : undefined;
  if (!isObject(request) || !isObject(request.status) || request.status.statusCode !== 'pending') return false;
  const letters = event.id.replaceAll(/[^a-v]/g, 'x').padEnd(10, 'x').slice(0, 10);
  const code = `${letters.slice(0, 3)}-${letters.slice(3, 7)}-${letters.slice(7)}`;
  const uri = `https://meet.google.com/${code}`;
  event.body.hangoutLink = uri;
  event.body.conferenceData = {
    createRequest: { ...request, status: { statusCode: 'success' } },
    entryPoints: [{ entryPointType: 'video', uri, label: `meet.google.com/${code}` }],
    conferenceSolution: { key: { type: 'hangoutsMeet' }, name: 'Google Meet' },
    conferenceId: code,
  };
  return true;
}

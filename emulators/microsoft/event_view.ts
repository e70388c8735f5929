/** Events as answers show them. */
import { isObject, type JsonObject } from '../core/answers.ts';
import { shownTime, zoneOf } from './event_times.ts';
import { asHtml, asText, preview } from './html_text.ts';
import { changeKey, etag } from './ids.ts';
import { typeOf } from './occurrences.ts';
import type { Preferences } from './prefer.ts';
import { shownTags } from './tags.ts';
import type { StoredEvent, World } from './world.ts';

export type View = Pick<Preferences, 'immutableIds' | 'zone' | 'bodyType'>;

/** An event in full; `tags` are the names of those asked for by `$expand`. */
export function renderEvent(world: World, event: StoredEvent, view: View, tags: readonly string[] = []): JsonObject {
  const body = storedBody(event);
  const id = idOf(event, view);
  return {
    '@odata.etag': etag(event.version),
    id,
    createdDateTime: precise(event.createdAt),
    lastModifiedDateTime: precise(event.modifiedAt),
    changeKey: changeKey(event.version),
    originalStartTimeZone: zoneOf(event.start),
    originalEndTimeZone: zoneOf(event.end),
    iCalUId: event.masterId === null ? event.iCalUId : `${event.iCalUId}${event.startAt.toString(36)}`,
    hasAttachments: false,
    bodyPreview: preview(body),
    isCancelled: event.isCancelled,
    isDraft: false,
    isOrganizer: event.isOrganizer,
    seriesMasterId: seriesMasterId(world, event, view),
    transactionId: event.transactionId,
    type: typeOf(world, event),
    webLink: `https://outlook.office365.com/owa/?itemid=${encodeURIComponent(id)}&exvsurl=1&path=/calendar/item`,
    onlineMeetingUrl: null,
    onlineMeeting: null,
    ...event.body,
    ...(event.originalStart === null ? {} : { originalStart: originalStart(event) }),
    responseStatus: {
      response: ownResponse(event),
      time: '0001-01-01T00:00:00Z',
    },
    body: view.bodyType === 'text'
      ? { contentType: 'text', content: asText(body) }
      : { contentType: 'html', content: asHtml(body) },
    start: shownTime(event.start, view.zone),
    end: shownTime(event.end, view.zone),
    organizer: { emailAddress: event.organizer },
    ...shownTags(event, tags),
  };
}

/** An occurrence as changes show it: nothing but where and when. */
export function renderSparse(world: World, event: StoredEvent, view: View): JsonObject {
  return {
    '@odata.etag': etag(event.version),
    id: idOf(event, view),
    seriesMasterId: seriesMasterId(world, event, view),
    type: typeOf(world, event),
    start: shownTime(event.start, view.zone),
    end: shownTime(event.end, view.zone),
  };
}

/** What the mailbox's owner answered, as their own entry among the guests says. */
function ownResponse({ account, body, isOrganizer }: StoredEvent): string {
  if (isOrganizer) return 'organizer';
  const guests = Array.isArray(body.attendees) ? body.attendees.filter(isObject) : [];
  const own = guests.find(({ emailAddress }) => isObject(emailAddress) && emailAddress.address === account);
  return isObject(own?.status) && typeof own.status.response === 'string' ? own.status.response : 'notResponded';
}

export function idOf(event: Pick<StoredEvent, 'immutableId' | 'restId'>, view: Pick<View, 'immutableIds'>): string {
  return view.immutableIds ? event.immutableId : event.restId;
}

function seriesMasterId(world: World, event: StoredEvent, view: View): string | null {
  const master = event.masterId === null ? null : world.event(event.masterId);
  return master ? idOf(master, view) : null;
}

function originalStart(event: StoredEvent): string {
  const time = event.originalStart;
  if (time === null) return '';
  return 'day' in time ? `${time.day}T00:00:00Z` : new Date(time.at).toISOString();
}

function storedBody(event: StoredEvent): { contentType: string; content: string } {
  const { body } = event.body;
  if (!isObject(body)) return { contentType: 'html', content: '' };
  return { contentType: String(body.contentType), content: String(body.content) };
}

/** Seven digits, as Exchange counts. */
function precise(at: number): string {
  return new Date(at).toISOString().replace('Z', '0000Z');
}
